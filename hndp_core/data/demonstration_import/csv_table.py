"""Motions from tables of text, one sample a row."""

import csv
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Final

import numpy as np

from hndp_core.data.demonstration_import.imported_motion import (
    DOF,
    ImportedMotion,
    UnusableFile,
    motion_of,
)

_TIME: Final = re.compile(
    r"(t|time|timestamp|stamp)([ _\[(]+(?P<unit>s|sec|seconds|ms|msec|milliseconds)[\])]?)?", re.IGNORECASE
)
_JOINT: Final = re.compile(
    r"(panda_|fr3_)?(q|j|joint)[ _]?\[?(?P<number>\d)\]?([ _/.](pos|position))?"
    r"([ _]?[\[(]?(rad|deg)\w*[\])]?)?",
    re.IGNORECASE,
)
_DELIMITERS: Final = ",;\t "


@dataclass(frozen=True)
class _Columns:
    """Where time and joints stand in a row, from 0."""

    joints: Sequence[int]
    time: int | None
    seconds_per_unit: float = 1.0


def read_csv(file: str, content: bytes, rate_hz: float | None) -> ImportedMotion:
    """Read seven joint columns, found by their names, or else seven columns, or eight with the time first.

    Names such as q1, joint_1, panda_joint1 [rad] are known, counted from 1 or from 0; time, t, timestamp in
    seconds, or in milliseconds where the name says so. Columns of other names are left out.

    Raises:
        UnusableFile: names the row and the column.
    """
    rows = _rows(file, content)
    head = rows[0][1]
    if all(_is_number(each) for each in head):
        columns, notes = _unnamed(file, len(head)), ()
    else:
        columns, notes = _named(file, head), _left_out(head)
        rows = rows[1:]
    if not rows:
        raise UnusableFile(file, "there is no row below its header", "Choose a file with samples.")
    wanted = [*columns.joints] if columns.time is None else [*columns.joints, columns.time]
    values = np.array([_numbers(file, number, row, wanted, head) for number, row in rows])
    time_s = None if columns.time is None else values[:, DOF] * columns.seconds_per_unit
    return motion_of(file, values[:, :DOF], time_s, rate_hz, notes)


def _rows(file: str, content: bytes) -> list[tuple[int, list[str]]]:
    """The rows that hold something, with their numbers in the file from 1."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnusableFile(file, "it is no text", "Save it as a CSV file in UTF-8.") from error
    lines = [
        (number, line)
        for number, line in enumerate(text.splitlines(), start=1)
        if line.strip() and not line.lstrip().startswith("#")
    ]
    if not lines:
        raise UnusableFile(file, "it holds no rows", "Choose another file.")
    counts = {each: lines[0][1].strip().count(each) for each in _DELIMITERS}
    delimiter = next((each for each in _DELIMITERS if counts[each] >= DOF - 1), ",")
    table = csv.reader(
        StringIO("\n".join(line.strip() for _, line in lines)),
        delimiter=delimiter,
        skipinitialspace=True,
    )
    return [(number, row) for (number, _), row in zip(lines, table, strict=False)]


def _unnamed(file: str, width: int) -> _Columns:
    if width == DOF:
        return _Columns(range(DOF), None)
    if width == DOF + 1:
        return _Columns(range(1, DOF + 1), 0)
    raise UnusableFile(
        file,
        f"it has {width} columns without names",
        f"Leave {DOF} joints, or the time in front of them, or name the columns time, q1 to q{DOF}.",
    )


def _named(file: str, head: Sequence[str]) -> _Columns:
    names = [each.strip() for each in head]
    numbers: dict[int, int] = {}
    for place, name in enumerate(names):
        found = _JOINT.fullmatch(name)
        if found:
            numbers.setdefault(int(found["number"]), place)
    first = 0 if 0 in numbers else 1
    missing = [f"q{each}" for each in range(first, first + DOF) if each not in numbers]
    if missing:
        raise UnusableFile(
            file,
            f"row 1 names no column {', '.join(missing)} (it has {', '.join(names)})",
            f"Name the joint columns q1 to q{DOF}, or leave the header out.",
        )
    joints = [numbers[each] for each in range(first, first + DOF)]
    for place, name in enumerate(names):
        if found := _TIME.fullmatch(name):
            milliseconds = (found["unit"] or "s").lower().startswith("m")
            return _Columns(joints, place, 1e-3 if milliseconds else 1.0)
    return _Columns(joints, None)


def _left_out(head: Sequence[str]) -> tuple[str, ...]:
    others = [
        each.strip() for each in head if not (_JOINT.fullmatch(each.strip()) or _TIME.fullmatch(each.strip()))
    ]
    return (f"Columns left out: {', '.join(others)}.",) if others else ()


def _numbers(
    file: str, number: int, row: Sequence[str], wanted: Sequence[int], head: Sequence[str]
) -> list[float]:
    if len(row) != len(head):
        raise UnusableFile(
            file, f"row {number} has {len(row)} columns, the first one {len(head)}", "Complete or remove it."
        )
    for place in wanted:
        if not _is_number(row[place]) or not math.isfinite(float(row[place])):
            name = "" if _is_number(head[place]) else f" ({head[place].strip()})"
            raise UnusableFile(
                file,
                f"row {number}, column {place + 1}{name} holds {row[place]!r}, which is no finite number",
                "Mend or remove the row; decimals take a point.",
            )
    return [float(row[place]) for place in wanted]


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
