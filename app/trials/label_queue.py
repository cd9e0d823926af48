"""The label queue as its page shows it. Nothing here knows what the physics says."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.orm import Session

from app.cells.record_routes import record_url
from app.experiments.models import Experiment, Region
from app.experiments.repository import ExperimentRepository
from app.trials.labelling import current_label
from app.trials.models import LabelEvent, Trial
from app.trials.repository import TrialRepository

AHEAD: Final = 6
"""Trials that a page holds: the one on the screen, and those whose videos load meanwhile."""

DECISIONS: Final = 10

PURPOSES: Final = {
    "local": "local trial: feeds the data set",
    "gate": "gate trial: sets a gate",
    "held_out": "held-out trial: only measures",
}
_MEASURING_GATE_TRIAL: Final = "trial in a train region: only measures"
STEPS: Final = {
    "pretraining": "the encoder is pretrained",
    "local_training": "the local experts are trained",
    "local_rollouts": "the local experts run on the arm",
    "global_training": "the global policy is trained",
    "gate_rollouts": "the global policy runs in the train regions",
    "held_out_rollouts": "the global policy runs in the held-out regions",
    "labelling": "the gates are being set",
}


@dataclass(frozen=True)
class QueuedTrial:
    """A trial to be judged.

    Attributes:
        seen: id of the label that the page has seen, 0 for none: a label by somebody else in the meantime
            is then noticed
    """

    id: int
    iteration: int
    region: Region
    purpose: str
    purpose_title: str
    run: str
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


@dataclass(frozen=True)
class Decision:
    """A label that counts; it can be changed until the trial is run again."""

    trial_id: int
    event_id: int
    region: Region
    iteration: int
    purpose: str
    outcome: str
    author: str
    own: bool
    run_again: bool
    picture: str | None


@dataclass(frozen=True)
class WhatNext:
    """What an empty queue tells: what goes on without the operator, and where to see it."""

    title: str
    text: str
    act: str
    href: str


def view_queue(
    session: Session, experiment: Experiment, user_id: int, holding: Collection[int] = (), first: int = 0
) -> dict[str, Any]:
    """What the page needs: further trials for it to hold, what is left, and the last decisions.

    Args:
        session: for reading
        experiment: whose trials
        user_id: who labels
        holding: trials that the page has already, or whose labels are on their way
        first: a trial that shall come first, whether the page is full or not; 0 for none
    """
    trials = TrialRepository(session)
    counts = trials.waiting_counts(experiment.id)
    further = list(trials.waiting(experiment.id, max(0, AHEAD - len(holding)), without={*holding, first}))
    if first and first not in holding and trials.still_waiting(experiment.id, [first]):
        further.insert(0, trials.get(first))
    return {
        "trials": [view_trial(each) for each in further],
        "still_waiting": trials.still_waiting(experiment.id, holding),
        "counts": counts,
        "left": sum(counts.values()),
        "repeated": trials.repeated_count(experiment.id),
        "decisions": [
            _decision(trials, each, user_id) for each in trials.decisions(experiment.id, DECISIONS)
        ],
        "next": what_next(session, experiment),
    }


def queue_signature(session: Session, experiment_id: int) -> str:
    """A text that changes whenever the page of the queue does."""
    trials = TrialRepository(session)
    experiment = ExperimentRepository(session).get(experiment_id)
    counts, step = trials.waiting_counts(experiment_id), trials.step_under_way(experiment_id)
    where = f"{step.id}:{step.status}" if step else "-"
    return "/".join(
        [
            experiment.status,
            where,
            *(str(each) for each in counts.values()),
            str(trials.repeated_count(experiment_id)),
            str(trials.newest_label(experiment_id)),
        ]
    )


def view_trial(trial: Trial) -> QueuedTrial:
    label = current_label(trial)
    urls = {
        file: record_url(trial.artefact_key, trial.sha256, file)
        for file in ("video.mp4", "start.png", "first.jpg", "last.jpg")
    }
    return QueuedTrial(
        id=trial.id,
        iteration=trial.iteration.number,
        region=trial.region,
        purpose=trial.purpose,
        purpose_title=purpose_title(trial),
        run=run_title(trial),
        seen=label.id if label else 0,
        video=urls["video.mp4"],
        start=urls["start.png"],
        first=urls["first.jpg"],
        last=urls["last.jpg"],
        refusal=trial.refusal,
        slow_down=trial.slow_down,
        cut_short_at_s=trial.cut_short_at_s,
        **scene_urls(trial),
        simulated=trial.simulated,
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


def what_next(session: Session, experiment: Experiment) -> WhatNext:
    """What happens in an experiment without a label."""
    page = f"/experiments/{experiment.id}"
    at_rest = {
        "draft": WhatNext(
            "Nothing to label yet",
            "The refinement has not started: it needs an accepted demonstration in each train region.",
            "Go to the demonstrations",
            f"{page}/demonstrations",
        ),
        "paused": WhatNext(
            "Paused", "Trials come here after the experiment is resumed.", "Open the time line", page
        ),
        "failed": WhatNext(
            "A step has failed", "Trials come here after it is tried again.", "See why, and retry", page
        ),
        "cancelled": WhatNext(
            "Cancelled",
            "No more trials come. What was labelled stays.",
            "Open the dashboard",
            f"{page}/dashboard",
        ),
        "finished": WhatNext(
            "All done",
            "Every trial of every iteration is labelled.",
            "Open the dashboard",
            f"{page}/dashboard",
        ),
    }
    if experiment.status in at_rest:
        return at_rest[experiment.status]
    step = TrialRepository(session).step_under_way(experiment.id)
    doing = (
        f"Now {STEPS[step.kind]} (iteration {step.iteration.number} of {experiment.iterations}). "
        if step
        else ""
    )
    return WhatNext(
        "Nothing waits for you",
        f"{doing}New trials appear here by themselves: you can leave this page open.",
        "Follow it on the time line",
        page,
    )


def _decision(trials: TrialRepository, event: LabelEvent, user_id: int) -> Decision:
    trial = event.trial
    return Decision(
        trial_id=trial.id,
        event_id=event.id,
        region=trial.region,
        iteration=trial.iteration.number,
        purpose=trial.purpose,
        outcome=event.outcome,
        author=event.author.name,
        own=event.author_id == user_id,
        run_again=event.outcome == "invalid" and trials.next_attempt(trial) is not None,
        picture=record_url(trial.artefact_key, trial.sha256, "last.jpg"),
    )
