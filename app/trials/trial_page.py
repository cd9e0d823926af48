"""One trial as its page shows it. The physics has its say only when it can no longer sway a label."""

from typing import Any

from sqlalchemy.orm import Session

from app.cells.record_routes import record_url
from app.training.gate_setting import label_hash
from app.trials.label_queue import PURPOSES, run_title
from app.trials.labelling import current_label
from app.trials.models import Trial
from app.trials.repository import LABELLED_PURPOSES, TrialRepository
from hndp_core.tasks import get_task


def view_trial_page(session: Session, trial_id: int) -> dict[str, Any]:
    """Everything about one trial.

    Raises:
        NotFound: no such trial.
    """
    trials = TrialRepository(session)
    trial = trials.get(trial_id)
    gate, label, again = trials.gate_of(trial), current_label(trial), trials.next_attempt(trial)
    experiment = trial.iteration.experiment
    return {
        "experiment": experiment,
        "workspace": get_task(experiment.task).workspace,
        "trial": trial,
        "purpose": PURPOSES[trial.purpose],
        "run": run_title(trial),
        "label": label,
        "next_attempt": again,
        "can_label": trial.purpose in LABELLED_PURPOSES
        and trial.status == "executed"
        and again is None
        and experiment.status != "cancelled",
        "gate": gate,
        "gate_outdated": gate is not None
        and gate.label_hash != label_hash(session, trial.iteration_id, trial.region_id),
        "judgement_over": _judgement_over(trial),
        "physics": trials.ground_truth(trial.id) if _judgement_over(trial) else None,
        "waiting": sum(trials.waiting_counts(experiment.id).values()),
        "files": {
            file: record_url(trial.artefact_key, trial.sha256, file)
            for file in ("video.mp4", "start.png", "first.jpg", "last.jpg")
        },
    }


def _judgement_over(trial: Trial) -> bool:
    """Whether the trial is judged and its iteration is closed: a label that could still be taken back and
    given anew must not follow the simulator's answer."""
    return current_label(trial) is not None and trial.iteration.finished_at is not None
