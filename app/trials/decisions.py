"""The last decisions of a label page: judgements that stand, and can be changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from app.experiments.models import Region
from app.trials.models import LabelEvent
from app.trials.queued_trial import record_urls
from app.trials.rubrics import OTHER

DECISIONS: Final = 10
"""As many are shown."""

_KINDS: Final = {"second": "second judgement", "settled": "settled"}


@dataclass(frozen=True)
class Decision:
    """A judgement that stands; it can be changed until the trial is run again.

    Attributes:
        address: of the page of the trial
        experiment_id, iteration: of the trial; None of a blind one
        said: what stands beside the region's name
    """

    trial_id: int
    event_id: int
    address: str
    experiment_id: int | None
    iteration: int | None
    said: Sequence[str]
    region: Region
    rating: str
    outcome: str
    failure_mode: str | None
    score: float | None
    run_again: bool
    picture: str | None


def decision(
    event: LabelEvent,
    address: str,
    said: Sequence[str],
    *,
    run_again: bool,
    experiment_id: int | None = None,
    iteration: int | None = None,
) -> Decision:
    """A judgement as the list shows it."""
    trial = event.trial
    kind = _KINDS.get(event.rating)
    return Decision(
        trial_id=trial.id,
        event_id=event.id,
        address=address,
        experiment_id=experiment_id,
        iteration=iteration,
        said=[*said, kind] if kind else said,
        region=trial.region,
        rating=event.rating,
        outcome=event.outcome,
        failure_mode=event.note if event.failure_mode == OTHER and event.note else event.failure_mode,
        score=event.score,
        run_again=run_again,
        picture=record_urls(trial)["last"],
    )
