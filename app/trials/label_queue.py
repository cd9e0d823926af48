"""The label queue as its page shows it. Nothing here knows what the physics says."""

from collections.abc import Collection
from typing import Any, Final, NamedTuple

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.experiments.models import Experiment
from app.trials.decisions import DECISIONS, Decision, decision
from app.trials.models import LabelEvent, Trial
from app.trials.page_share import Holder, share_of
from app.trials.queue_repository import QueueRepository
from app.trials.queued_trial import QueuedTrial, queued_trial
from app.trials.repository import TrialRepository
from app.trials.rubrics import rubric_of
from app.trials.waiting import QueueFilter
from app.trials.what_next import next_anywhere, next_in

PURPOSES: Final = {
    "local": "local trial: feeds the data set",
    "gate": "gate trial: sets a gate",
    "held_out": "held-out trial: only measures",
}
_MEASURING_GATE_TRIAL: Final = "trial in a train region: only measures"


class Tally(NamedTuple):
    """How many trials of a purpose are left, and the words that follow the number."""

    purpose: str
    count: int
    words: str


def view_queue(
    session: Session,
    holder: Holder,
    asked: QueueFilter,
    experiment: Experiment | None = None,
    holding: Collection[int] = (),
    first: int = 0,
) -> dict[str, Any]:
    """What the page needs: further trials for it to hold, what is left, and the last decisions.

    Those that the page holds, and those that it is given, are reserved for it.

    Args:
        session: of a transaction that is committed
        holder: whose page it is
        asked: which trials it is about
        experiment: the one whose page it is; None: the page is about all
        holding: trials that the page has already, or whose labels are on their way
        first: a trial that shall come first, whether the page is full or not; 0 for none
    """
    user = holder.user
    queue = QueueRepository(session, user, asked)
    share = share_of(session, queue, holder, holding, first)
    counts = queue.counts()
    decided = TrialRepository(session).decisions(user.id, DECISIONS, asked.experiment_id)
    return {
        "trials": [view_trial(session, each, user) for each in share.further],
        "still_waiting": share.kept,
        "tallies": _tallies(counts, refines=experiment is None or experiment.refines),
        "left": sum(counts.values()),
        "elsewhere": queue.held_elsewhere(),
        "repeated": queue.repeated_count(),
        "decisions": [_decision(session, each, named=experiment is None) for each in decided],
        "alone": experiment is not None,
        "frozen": False,
        "change_rule": "Once a gate is set from it, a change needs a reason.",
        "next": next_in(queue, experiment) if experiment else next_anywhere(queue, asked),
    }


def queue_signature(session: Session, user: User, asked: QueueFilter) -> str:
    """A text that changes whenever the page of the queue does."""
    queue = QueueRepository(session, user, asked)
    step = queue.step_under_way()
    return "/".join(
        str(each)
        for each in (
            queue.status(),
            f"{step.id}:{step.status}" if step else "-",
            queue.newest_label(),
            queue.executed_count(),
            queue.repeated_count(),
            queue.held_elsewhere(),
        )
    )


def view_trial(session: Session, trial: Trial, user: User) -> QueuedTrial:
    """A trial of an experiment for who is to judge it."""
    experiment = trial.iteration.experiment
    address = f"/trials/{trial.id}"
    return queued_trial(
        trial,
        user,
        experiment.task,
        rubric=rubric_of(session, experiment.task),
        address=address,
        experiment=experiment,
        iteration=trial.iteration.number,
        regions=experiment.regions,
        purpose_title=purpose_title(trial),
        run=run_title(trial),
        review=f"{address}/review.json",
    )


def purpose_title(trial: Trial) -> str:
    """What a trial is for."""
    if trial.purpose == "gate" and not trial.iteration.experiment.refines:
        return _MEASURING_GATE_TRIAL
    return PURPOSES[trial.purpose]


def run_title(trial: Trial) -> str:
    """Which run in its region it is, where there are several."""
    parts = []
    runs = trial.iteration.experiment.trials_per_region
    if trial.purpose == "gate" and runs > 1:
        parts.append(f"run {trial.repeat} of {runs}")
    if trial.attempt > 1:
        parts.append(f"attempt {trial.attempt}, after an invalid one")
    return ", ".join(parts)


def _tallies(counts: dict[str, int], *, refines: bool) -> list[Tally]:
    gate = "trial left" if counts["gate"] == 1 else "trials left"
    return [
        Tally("gate", counts["gate"], f"{'gate' if refines else 'train-region'} {gate}"),
        Tally("held_out", counts["held_out"], "held-out left"),
    ]


def _decision(session: Session, event: LabelEvent, *, named: bool) -> Decision:
    trial = event.trial
    iteration = trial.iteration
    again = event.outcome == "invalid" and TrialRepository(session).next_attempt(trial) is not None
    return decision(
        event,
        f"/trials/{trial.id}",
        [f"iteration {iteration.number}", *([iteration.experiment.name] if named else [])],
        run_again=again,
        experiment_id=iteration.experiment_id,
        iteration=iteration.number,
    )
