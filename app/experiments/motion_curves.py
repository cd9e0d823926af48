"""Joint curves of a stored record, thinned for the screen."""

from typing import Any, Final

import numpy as np

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


def joint_curves(record: dict[str, np.ndarray], task: Task) -> dict[str, Any]:
    """Commanded and measured joint positions [rad] over time [s], the start included, with the limits."""
    start = record["start_joints"]
    commanded = paced_commands(record)
    rows = len(commanded) + 1
    measured = np.full((rows, len(start)), np.nan)
    reached = np.vstack([start, record["measured"]])
    measured[: len(reached)] = reached
    return {
        "time_s": [round(row / task.control_rate_hz, 4) for row in range(rows)],
        "commanded": _columns(np.vstack([start, commanded])),
        "measured": _columns(measured),
        "limits": list(zip(PANDA_LIMITS.position_min, PANDA_LIMITS.position_max, strict=True)),
    }


def paced_commands(record: dict[str, np.ndarray]) -> np.ndarray:
    """The joint commands [rad] that were streamed: those planned, at the pace that the arm could follow."""
    planned = record["commanded"]
    steps = round(len(planned) * float(record.get("slow_down", 1.0)))
    return planned if steps == len(planned) else resample(record["start_joints"], planned, steps)


def _columns(rows: np.ndarray) -> list[list[float | None]]:
    return [[None if np.isnan(at) else round(float(at), _DIGITS) for at in column] for column in rows.T]
