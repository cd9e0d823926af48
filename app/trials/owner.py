"""What a trial is run for, an experiment or an evaluation session, and whether that goes on."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.evaluations.models import EvaluationSession
from app.evaluations.scene import scene_seed_of
from app.training.repository import experiment_status
from app.trials.models import Trial
from hndp_core.hierarchy import trial_seed


def owner_status(session: Session, trial: Trial) -> str:
    """ "running", "paused" or "cancelled", and what else an experiment may be; of a session that is closed,
    "cancelled".
    """
    run = trial.planned_run
    if run is None:
        return experiment_status(session, trial.iteration.experiment_id)
    status = session.scalars(
        select(EvaluationSession.status).where(EvaluationSession.id == run.session_id)
    ).one()
    return "cancelled" if status == "closed" else status


def task_of(trial: Trial) -> str:
    """Key of the task that the trial tries."""
    run = trial.planned_run
    return trial.iteration.experiment.task if run is None else run.session.task


def seed_of(trial: Trial) -> int:
    """The seed of the trial's scene variation."""
    run = trial.planned_run
    if run is not None:
        return scene_seed_of(run, trial.attempt)
    iteration = trial.iteration
    return trial_seed(
        iteration.experiment.seed,
        iteration.number,
        trial.purpose,
        trial.region.index,
        trial.repeat - 1,
        trial.attempt - 1,
    )
