"""What a bench found, beside what it should reach."""

import json
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal, Self

from hndp_core.data.artefact_store import ArtefactStore
from hndp_core.errors import HndpError
from hndp_core.experiments.machine import Machine, present_time

Target = Mapping[Literal["at_least", "at_most"], float]


@dataclass(frozen=True)
class BenchRecord:
    """One bench's figures.

    Attributes:
        bench: its name
        commit: of the code that was measured; "unknown" outside a git checkout
        figures: numbers by name
        targets: bound by the name of a figure
        notes: words that belong to a figure, by its name
        machine: on which it was measured; None: not written down
        seconds: that the measuring took; None: not written down
        date: of its end, in UTC; empty: not written down
    """

    bench: str
    commit: str
    figures: Mapping[str, float]
    targets: Mapping[str, Target]
    notes: Mapping[str, str] = field(default_factory=dict)
    machine: Machine | None = None
    seconds: float | None = None
    date: str = ""

    @property
    def met(self) -> bool:
        """Whether every target is reached; one whose figure is missing is not."""
        return all(self.reached(name) for name in self.targets)

    def reached(self, name: str) -> bool:
        """Whether the target of one figure is reached."""
        if name not in self.figures:
            return False
        target, value = self.targets[name], self.figures[name]
        return value >= target.get("at_least", float("-inf")) and value <= target.get("at_most", float("inf"))

    def to_json(self, indent: int | None = None) -> str:
        """The record as one line, or as readable lines."""
        return json.dumps({**asdict(self), "met": self.met}, indent=indent)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The inverse of `to_json`; what older records lack takes its default, what is beside it is left out.

        Raises:
            HndpError: for text that is no record of a bench.
        """
        try:
            found: dict[str, Any] = json.loads(text)
            values = {each.name: found[each.name] for each in fields(cls) if each.name in found}
            machine = values.pop("machine", None)
            return cls(**values, machine=None if machine is None else Machine(**machine))
        except (ValueError, TypeError) as error:
            raise HndpError(f"This is no record of a bench ({error}): run the bench again.") from error


def timed_record(measure: Callable[[], BenchRecord]) -> BenchRecord:
    """Measure, and write down machine, duration and date beside the figures."""
    began_s = time.monotonic()
    record = measure()
    seconds = round(time.monotonic() - began_s, 1)
    return replace(record, machine=Machine.present(), seconds=seconds, date=present_time())


def save_record(record: BenchRecord, place: Path) -> Path:
    """Write the record to a file, or into a folder as NAME.json; returns the file."""
    file = place if place.suffix == ".json" else place / f"{record.bench}.json"
    ArtefactStore(file.parent).write(file.name, (record.to_json(indent=1) + "\n").encode())
    return file


def present_commit() -> str:
    """The commit of the checkout that this code lies in, with "-dirty" where tracked files differ from it."""
    try:
        found = subprocess.run(
            ["git", "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"],
            cwd=Path(__file__).parent,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return found.stdout.strip()
