"""What a bench found, beside what it should reach."""

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Target = Mapping[Literal["at_least", "at_most"], float]


@dataclass(frozen=True)
class BenchRecord:
    """One bench's figures.

    Attributes:
        bench: its name
        commit: of the code that was measured; "unknown" outside a git checkout
        figures: numbers by name
        targets: bound by the name of a figure
    """

    bench: str
    commit: str
    figures: Mapping[str, float]
    targets: Mapping[str, Target]

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

    def to_json(self) -> str:
        """The record as one line."""
        return json.dumps(
            {
                "bench": self.bench,
                "commit": self.commit,
                "figures": dict(self.figures),
                "targets": {name: dict(target) for name, target in self.targets.items()},
                "met": self.met,
            }
        )


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
