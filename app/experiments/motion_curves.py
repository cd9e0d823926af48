"""Joint curves of a stored record, thinned for the screen."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from hndp_core.data import trajectory
from hndp_core.data.artefact_store import ArtefactStore
from hndp_core.data.trajectory import resample, unpack_arrays
from hndp_core.robots.limits import PANDA_LIMITS
from hndp_core.tasks import Task

_DIGITS: Final = 5


def read_record(store: ArtefactStore, key: str, sha256: str | None) -> dict[str, np.ndarray]:
    """The arrays of a record, see `store_record`.

    Raises:
        MissingArtefact, DamagedArtefact: the file is gone, or is not what was stored.
    """
    return unpack_arrays(store.read(key, expected_sha256=sha256))


def joint_curves(
    record: dict[str, np.ndarray], task: Task, fitted: np.ndarray | None = None
) -> dict[str, Any]:
    """Commanded and measured joint positions [rad] over time [s], the start included, with the limits.

    Where it is given, a fit of the planned commands stands beside them, at their pace.
    """
    start = record["start_joints"]
    commanded = paced_commands(record)
    rows = len(commanded) + 1
    measured = np.full((rows, len(start)), np.nan)
    reached = np.vstack([start, record["measured"]])
    measured[: len(reached)] = reached
    curves = {"commanded": np.vstack([start, commanded]), "measured": measured}
    if fitted is not None:
        curves["fitted"] = np.vstack([start, _paced(start, fitted, len(commanded))])
    return curves_of(curves, task.control_rate_hz)


def curves_of(curves: Mapping[str, np.ndarray], rate_hz: float) -> dict[str, Any]:
    """Named joint paths (rows, dof) [rad] that begin at time 0, as JSON values, with times and limits."""
    rows = max(len(each) for each in curves.values())
    return {
        "time_s": [round(row / rate_hz, 4) for row in range(rows)],
        **{name: _columns(each) for name, each in curves.items()},
        "limits": list(zip(PANDA_LIMITS.position_min, PANDA_LIMITS.position_max, strict=True)),
    }


def paced_commands(record: dict[str, np.ndarray]) -> np.ndarray:
    """The joint commands [rad] that were streamed: those planned, at the pace that the arm could follow."""
    slow_down = float(record.get("slow_down", 1.0))
    return trajectory.paced_commands(record["start_joints"], record["commanded"], slow_down)


def _paced(start: np.ndarray, planned: np.ndarray, steps: int) -> np.ndarray:
    return planned if steps == len(planned) else resample(start, planned, steps)


def _columns(rows: np.ndarray) -> list[list[float | None]]:
    return [[None if np.isnan(at) else round(float(at), _DIGITS) for at in column] for column in rows.T]
