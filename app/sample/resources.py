"""The sample as programs get it."""

from typing import Literal

from pydantic import BaseModel

from app.sample.service import SAMPLE_NAME, Sample


class SampleResource(BaseModel):
    """A recorded experiment that comes with the studio.

    `experiment_id` is its number once it is here, in the bin too; `share` says how much of it is loaded, from
    0 to 1; `note` why the last attempt failed.
    """

    name: str
    state: Literal["absent", "loading", "failed", "here", "binned"]
    experiment_id: int | None
    share: float | None
    note: str | None

    @classmethod
    def of(cls, sample: Sample) -> "SampleResource":
        return cls(
            name=SAMPLE_NAME,
            state=sample.state,
            experiment_id=sample.experiment_id,
            share=sample.share,
            note=sample.note,
        )
