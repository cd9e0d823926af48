"""The arrays of an episode as one CSV table, which reads back bit by bit.

The columns time and q1 to q7 are the commands as they were streamed: every tool, and this project's own
import of single motions, finds them by their names. Beside them stand those that were planned and the joints
that were measured, empty where there is none.
"""

import csv
import json
from collections.abc import Mapping, Sequence
from io import StringIO
from typing import Final

import numpy as np
from jaxtyping import Float64

from hndp_core.data.trajectory import UnreadableTrajectory, paced_commands

_HEAD: Final = "# hndp "
"""Begins the first line: what holds for the whole episode, as JSON. Readers of CSV take it for a comment."""


def pack_table(arrays: Mapping[str, np.ndarray], rate_hz: float) -> bytes:
    """Return the arrays of an episode (see `ARRAYS`) as a table with a row for each control step."""
    whole = {name: arrays[name].tolist() for name in ("start_joints", "state", "slow_down")}
    planned, measured, time_s = (arrays[name] for name in ("commanded", "measured", "time_s"))
    streamed = paced_commands(arrays["start_joints"], planned, float(arrays["slow_down"]))
    joints = range(1, planned.shape[1] + 1)
    text = StringIO(newline="")
    text.write(f"{_HEAD}{json.dumps(whole)}\n")
    table = csv.writer(text, lineterminator="\n")
    table.writerow(
        [
            "time",
            *(f"q{each}" for each in joints),
            *(f"planned_q{each}" for each in joints),
            "measured_time",
            *(f"measured_q{each}" for each in joints),
        ]
    )
    for row in range(max(len(streamed), len(planned), len(measured))):
        table.writerow(
            [
                repr((row + 1) / rate_hz),
                *_cells(streamed, row),
                *_cells(planned, row),
                *_cells(time_s[:, None], row),
                *_cells(measured, row),
            ]
        )
    return text.getvalue().encode()


def unpack_table(content: bytes) -> dict[str, np.ndarray]:
    """The inverse of `pack_table`.

    Raises:
        UnreadableTrajectory: no such table.
    """
    try:
        head, _, rest = content.decode().partition("\n")
        whole = json.loads(head.removeprefix(_HEAD))
        rows = list(csv.DictReader(StringIO(rest, newline="")))
        dof = len(whole["start_joints"])
        joints = range(1, dof + 1)
        return {
            **{name: np.array(whole[name], dtype=np.float64) for name in ("start_joints", "state")},
            "slow_down": np.array(whole["slow_down"], dtype=np.float64),
            "commanded": _column(rows, [f"planned_q{each}" for each in joints]),
            "measured": _column(rows, [f"measured_q{each}" for each in joints]),
            "time_s": _column(rows, ["measured_time"])[:, 0],
        }
    except (ValueError, KeyError, TypeError) as error:
        raise UnreadableTrajectory(f"no table of an episode: {error!r}") from error


def _cells(rows: np.ndarray, row: int) -> list[str]:
    """Shortest texts that read back as the same bits; empty behind the last row."""
    return [repr(float(each)) for each in rows[row]] if row < len(rows) else [""] * rows.shape[1]


def _column(rows: Sequence[Mapping[str, str]], names: Sequence[str]) -> Float64[np.ndarray, "rows columns"]:
    filled = [[float(row[name]) for name in names] for row in rows if row[names[0]] != ""]
    return np.array(filled, dtype=np.float64).reshape(len(filled), len(names))
