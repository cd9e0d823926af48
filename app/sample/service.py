"""Where the sample is, and loading it: restored from its archive as any other. The caller commits."""

import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.experiments.repository import ExperimentRepository
from app.platform.durable import Jobs
from app.platform.errors import AppError
from app.platform.pages import ROOT
from app.transfers.archive_layout import UnusableArchive
from app.transfers.archive_reading import open_archive
from app.transfers.repository import UNDER_WAY, TransferRepository
from app.transfers.service import request_restoration
from hndp_core.data.artefact_store import ArtefactStore

SAMPLE_NAME: Final = "Sample: scooping, simulated robot"
"""By which an experiment is known to be the sample: no other has its name."""

_ARCHIVE: Final = "examples/sample/scooping.zip"
SAMPLE_FILE: Final = ROOT / _ARCHIVE
_REMEDY: Final = "Install the studio anew, with its folder examples."

State = Literal["absent", "loading", "failed", "here", "binned"]


class NoSample(AppError):
    """The archive did not come with the studio, or not whole."""

    status_code = 503


@dataclass(frozen=True)
class Sample:
    """Where the sample is.

    Attributes:
        state: "failed" where it is absent, and the last attempt to load it told why
        experiment_id: its number here, in the bin too
        share: of its files that are loaded, from 0 to 1; None until a worker has begun
        note: why it failed
    """

    state: State
    experiment_id: int | None = None
    share: float | None = None
    note: str | None = None


def find_sample(session: Session) -> Sample:
    """Say where the sample is."""
    experiment = ExperimentRepository(session).named(SAMPLE_NAME)
    if experiment is not None:
        return Sample("here" if experiment.binned_at is None else "binned", experiment.id)
    last = TransferRepository(session).last_restoration(SAMPLE_NAME)
    if last is not None and last.status in UNDER_WAY:
        return Sample("loading", share=last.done / last.total if last.total else None)
    if last is not None and last.status == "failed":
        return Sample("failed", note=last.note)
    return Sample("absent")


def load_sample(session: Session, jobs: Jobs, store: ArtefactStore, user: User) -> Sample:
    """Ask for the sample, unless it is here, in the bin, or on its way.

    Raises:
        NoSample: its archive is missing or damaged.
    """
    sample = find_sample(session)
    if sample.state not in ("absent", "failed"):
        return sample
    with sample_archive().open("rb") as content:
        stored = store.write_from(f"transfers/uploads/{uuid.uuid4().hex}.zip", content)
    request_restoration(session, jobs, user, stored.key, stored.size, SAMPLE_NAME)
    return find_sample(session)


def sample_archive() -> Path:
    """The archive, after every byte of it was checked.

    Raises:
        NoSample: it is missing or damaged.
    """
    try:
        with open_archive(SAMPLE_FILE):
            return SAMPLE_FILE
    except OSError as error:
        raise NoSample(
            f"This studio has no sample: its archive {_ARCHIVE} cannot be read ({error.strerror}). {_REMEDY}"
        ) from error
    except UnusableArchive as error:
        raise NoSample(
            f"The sample that came with this studio cannot be used: {_ARCHIVE} is not as it was. "
            f"{error.message} {_REMEDY}"
        ) from error
