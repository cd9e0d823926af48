"""The path of a demonstration, or of a motion that may become one, and of the primitive nearest to it."""

from typing import Any

import numpy as np

from app.demonstrations.fit_preview import fit_preview
from app.demonstrations.models import Demonstration, Motion
from app.demonstrations.motions import prepared, recording_of
from app.experiments.motion_curves import curves_of, joint_curves, read_record
from app.platform.errors import NotFound
from hndp_core.data.artefact_store import ArtefactStore
from hndp_core.tasks import get_task


def demonstration_curves(store: ArtefactStore, row: Demonstration) -> dict[str, Any]:
    """Joint positions [rad] over time [s], commanded, measured and fitted, with the limits.

    Raises:
        NotFound: it was not recorded yet.
        MissingArtefact, DamagedArtefact: the file is gone, or is not what was stored.
    """
    if row.artefact_key is None:
        raise NotFound("recording of demonstration", row.id)
    record = read_record(store, f"{row.artefact_key}/trajectory.npz", row.sha256)
    experiment = row.region.experiment
    fit = fit_preview(experiment, record["start_joints"], record["commanded"])
    return joint_curves(record, get_task(experiment.task), fit.path)


def motion_curves(store: ArtefactStore, motion: Motion) -> dict[str, Any]:
    """Joint positions [rad] over time [s] as the arm will execute it (prepared), and fitted, with the limits.

    Raises:
        MissingArtefact, DamagedArtefact: the file is gone, or is not what was stored.
    """
    experiment = motion.region.experiment
    ready = prepared(motion, recording_of(store, motion))
    fit = fit_preview(experiment, ready.start, ready.commands)
    paths = {
        "prepared": np.vstack([ready.start, ready.commands]),
        "fitted": np.vstack([ready.start, fit.path]),
    }
    return curves_of(paths, get_task(experiment.task).control_rate_hz)
