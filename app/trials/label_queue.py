"""The label queue as its page shows it. Nothing here knows what the physics says."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.cells.record_routes import record_url
from app.experiments.models import Experiment, Region
from app.trials.judgement import Rating, owed_by, second_rating, standing_label
from app.trials.models import LabelEvent, Trial
from app.trials.queue_repository import QueueRepository
from app.trials.repository import TrialRepository
from app.trials.reservations import held_by_others, take
from app.trials.rubrics import OTHER, rubric_of
from app.trials.waiting import QueueFilter
from app.trials.what_next import next_anywhere, next_in
from hndp_core.tasks import Rubric, Workspace, get_task
from hndp_core.tasks.camera_format import FRAME_INTERVAL

AHEAD: Final = 6
"""Trials that a page holds: the one on the screen, and those whose videos load meanwhile."""

DECISIONS: Final = 10

PURPOSES: Final = {
    "local": "local trial: feeds the data set",
    "gate": "gate trial: sets a gate",
    "held_out": "held-out trial: only measures",
}
_MEASURING_GATE_TRIAL: Final = "trial in a train region: only measures"


@dataclass(frozen=True)
class QueuedTrial:
    """A trial to be judged.

    Attributes:
        rating: what kind of judgement is asked for
        seen: id of the label that the page has seen, 0 for none: a label by somebody else in the meantime
            is then noticed
        frame_s: time from one frame of the video to the next [s]
    """

    id: int
    iteration: int
    experiment: Experiment
    workspace: Workspace
    success_rule: str
    rubric: Rubric
    region: Region
    purpose: str
    purpose_title: str
    run: str
    rating: Rating
    seen: int
    video: str | None
    start: str | None
    first: str | None
    last: str | None
    refusal: str | None
    slow_down: float | None
    cut_short_at_s: float | None
    scene_reference: str | None
    scene_matched: str | None
    simulated: bool
    frame_s: float


@dataclass(frozen=True)
class Decision:
    """One's own judgement that stands; it can be changed until the trial is run again."""

    trial_id: int
    event_id: int
    experiment: Experiment
    region: Region
    iteration: int
    purpose: str
    rating: str
    outcome: str
    failure_mode: str | None
    score: float | None
    run_again: bool
    picture: str | None


@dataclass(frozen=True)
class Holder:
    """A label page: who sits before it, its name among the open ones, and which trials it is about."""

    user: User
    page: str
    asked: QueueFilter

    @property
    def may_label(self) -> bool:
        return self.user.role != "viewer"


def view_queue(
    session: Session,
    holder: Holder,
    experiment: Experiment | None = None,
    holding: Collection[int] = (),
    first: int = 0,
) -> dict[str, Any]:
    """What the page needs: further trials for it to hold, what is left, and the last decisions.

    Those that the page holds, and those that it is given, are reserved for it.

    Args:
        session: of a transaction that is committed
        holder: whose page it is
        experiment: the one whose page it is; None: the page is about all
        holding: trials that the page has already, or whose labels are on their way
        first: a trial that shall come first, whether the page is full or not; 0 for none
    """
    queue = QueueRepository(session, holder.user, holder.asked)
    kept = sorted(_taken(session, holder, queue.still_waiting(holding)))
    counts = queue.counts()
    further = _further(session, queue, holder, max(0, AHEAD - len(holding)), {*holding, first})
    if first and first not in holding and _taken(session, holder, queue.still_waiting([first])):
        further.insert(0, TrialRepository(session).get(first))
    decided = TrialRepository(session).decisions(holder.user.id, DECISIONS, holder.asked.experiment_id)
    return {
        "trials": [view_trial(session, each, holder.user) for each in further],
        "still_waiting": kept,
        "counts": counts,
        "left": sum(counts.values()),
        "elsewhere": held_by_others(session, holder.user.id),
        "repeated": queue.repeated_count(),
        "decisions": [_decision(session, each) for each in decided],
        "next": next_in(queue, experiment) if experiment else next_anywhere(queue, holder.asked),
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
            held_by_others(session, user.id),
        )
    )


def _further(
    session: Session, queue: QueueRepository, holder: Holder, count: int, without: Collection[int]
) -> list[Trial]:
    """Trials that are now reserved for the page; fewer where somebody else was quicker."""
    if not count:
        return []
    found = queue.waiting(count, without)
    taken = _taken(session, holder, [each.id for each in found])
    return [each for each in found if each.id in taken]


def _taken(session: Session, holder: Holder, trial_ids: Collection[int]) -> Collection[int]:
    """Those of the trials that the page may show; a viewer's page holds none back from others."""
    if not holder.may_label:
        return trial_ids
    return take(session, trial_ids, holder.user.id, holder.page)


def view_trial(session: Session, trial: Trial, user: User) -> QueuedTrial:
    experiment = trial.iteration.experiment
    task = get_task(experiment.task)
    rating = owed_by(trial, user) or "first"
    seen = second_rating(trial) if rating == "second" else standing_label(trial)
    urls = {
        file: record_url(trial.artefact_key, trial.sha256, file)
        for file in ("video.mp4", "start.png", "first.jpg", "last.jpg")
    }
    return QueuedTrial(
        id=trial.id,
        iteration=trial.iteration.number,
        experiment=experiment,
        workspace=task.workspace,
        success_rule=task.success_rule,
        rubric=rubric_of(session, experiment.task),
        region=trial.region,
        purpose=trial.purpose,
        purpose_title=purpose_title(trial),
        run=run_title(trial),
        rating=rating,
        seen=seen.id if seen else 0,
        video=urls["video.mp4"],
        start=urls["start.png"],
        first=urls["first.jpg"],
        last=urls["last.jpg"],
        refusal=trial.refusal,
        slow_down=trial.slow_down,
        cut_short_at_s=trial.cut_short_at_s,
        **scene_urls(trial),
        simulated=trial.simulated,
        frame_s=FRAME_INTERVAL / task.control_rate_hz,
    )


def scene_urls(trial: Trial) -> dict[str, str | None]:
    """Where the two pictures of the trial's scene are: `scene_reference` and `scene_matched`."""
    match = trial.scene
    there = {"scene_reference": match and match.reference, "scene_matched": match}
    return {
        name: record_url(trial.artefact_key, trial.sha256, f"{name}.jpg") if is_there else None
        for name, is_there in there.items()
    }


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


def _decision(session: Session, event: LabelEvent) -> Decision:
    trial = event.trial
    return Decision(
        trial_id=trial.id,
        event_id=event.id,
        experiment=trial.iteration.experiment,
        region=trial.region,
        iteration=trial.iteration.number,
        purpose=trial.purpose,
        rating=event.rating,
        outcome=event.outcome,
        failure_mode=event.note if event.failure_mode == OTHER and event.note else event.failure_mode,
        score=event.score,
        run_again=event.outcome == "invalid" and TrialRepository(session).next_attempt(trial) is not None,
        picture=record_url(trial.artefact_key, trial.sha256, "last.jpg"),
    )
