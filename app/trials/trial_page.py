"""One trial as its page shows it. The physics has its say only when it can no longer sway a label."""

from typing import Any

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.experiments.repository import ExperimentRepository
from app.training.label_snapshot import label_hash
from app.trials.judgement import is_disputed, owed_by, owes_second_rating, standing_label
from app.trials.label_queue import purpose_title, run_title
from app.trials.measures import spoken_measures
from app.trials.models import Trial
from app.trials.queued_trial import record_urls, scene_urls
from app.trials.repository import TrialRepository
from app.trials.rubrics import OTHER, rubric_of
from app.trials.waiting import LABELLED_PURPOSES
from hndp_core.tasks import get_task
from hndp_core.tasks.camera_format import FRAME_INTERVAL


def view_trial_page(session: Session, trial_id: int, user: User) -> dict[str, Any]:
    """Everything about one trial. Who is to judge it independently is not told what the first one said.

    Raises:
        NotFound: no such trial.
        InTheBin: its experiment was thrown away.
    """
    trials = TrialRepository(session)
    trial = trials.get(trial_id)
    experiment = ExperimentRepository(session).get(trial.iteration.experiment_id)
    gate = trials.gate_of(trial) if experiment.refines else None
    label, again = standing_label(trial), trials.next_attempt(trial)
    owed = owed_by(trial, user)
    task = get_task(experiment.task)
    return {
        "experiment": experiment,
        "workspace": task.workspace,
        "success_rule": task.success_rule,
        "trial": trial,
        "purpose": purpose_title(trial),
        "run": run_title(trial),
        "label": None if owed == "second" else label,
        "labels": [] if owed == "second" else trial.labels,
        "owed": owed,
        "second_owed": owes_second_rating(trial),
        "disputed": is_disputed(trial),
        "rubric": rubric_of(session, experiment.task),
        "other": OTHER,
        "next_attempt": again,
        "can_label": owed not in ("second", "settled")
        and trial.purpose in LABELLED_PURPOSES
        and trial.status == "executed"
        and again is None
        and experiment.status != "cancelled",
        "gate": gate,
        "gate_outdated": gate is not None
        and gate.label_hash != label_hash(session, gate.iteration_id, gate.region_id),
        **_ground_truth(trials, trial),
        **scene_urls(trial),
        "waiting": sum(trials.waiting_counts(experiment.id).values()),
        "frame_s": FRAME_INTERVAL / task.control_rate_hz,
        "files": record_urls(trial),
    }


def judgement_is_over(trial: Trial) -> bool:
    """Whether the simulator's answer may be told: the trial is judged, and its iteration closed. A label that
    could still be taken back and given anew must not follow it."""
    return standing_label(trial) is not None and trial.iteration.finished_at is not None


def _ground_truth(trials: TrialRepository, trial: Trial) -> dict[str, Any]:
    """What the simulator says, once nobody's judgement can follow it."""
    if not judgement_is_over(trial):
        return {"judgement_over": False}
    physics, measures = trials.ground_truth(trial.id)
    return {"judgement_over": True, "physics": physics, "measures": spoken_measures(measures)}
