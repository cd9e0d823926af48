"""The motion of a stored trial, as its page and programs get it."""

from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from app.experiments.motion_curves import joint_curves, read_record
from app.platform.errors import NotFound
from app.trials.models import Trial
from app.trials.motion_review import motion_review
from app.trials.repository import TrialRepository
from hndp_core.data.artefact_store import ArtefactStore
from hndp_core.tasks import get_task


def executed_trial(session: Session, trial_id: int) -> Trial:
    """A trial that has a record.

    Raises:
        NotFound: no such trial, or it was not run yet.
    """
    trial = TrialRepository(session).get(trial_id)
    if trial.artefact_key is None:
        raise NotFound("record of trial", trial_id)
    return trial


def trial_curves(session: Session, store: ArtefactStore, trial_id: int) -> dict[str, Any]:
    """Joint positions [rad] over time [s], commanded and measured, with the limits.

    Raises:
        NotFound: no such trial, or it was not run yet.
    """
    trial = executed_trial(session, trial_id)
    return joint_curves(_record(store, trial), get_task(trial.iteration.experiment.task))


def trial_review(session: Session, store: ArtefactStore, trial_id: int) -> dict[str, Any]:
    """Joints and tip over time, beside the demonstration of the same region; see `motion_review`.

    Raises:
        NotFound: no such trial, or it was not run yet.
    """
    trial = executed_trial(session, trial_id)
    shown = TrialRepository(session).demonstration_in(trial.region_id)
    demonstration = None
    if shown is not None:
        demonstration = read_record(store, f"{shown.artefact_key}/trajectory.npz", shown.sha256)
    task = get_task(trial.iteration.experiment.task)
    return motion_review(_record(store, trial), demonstration, task, in_picture=trial.simulated)


def _record(store: ArtefactStore, trial: Trial) -> dict[str, np.ndarray]:
    return read_record(store, f"{trial.artefact_key}/record.npz", trial.sha256)
