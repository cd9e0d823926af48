"""On what a figure was measured."""

import os
import platform
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Self


@dataclass(frozen=True)
class Machine:
    """A computer, as far as it decides figures and bits.

    Attributes:
        processor: its name
        cores: that this process may use
        python: version
        torch: version; empty where it is not installed
        mujoco: version; empty where it is not installed
    """

    processor: str
    cores: int
    python: str
    torch: str
    mujoco: str

    @classmethod
    def present(cls) -> Self:
        """The machine that this runs on."""
        return cls(
            _processor(),
            len(os.sched_getaffinity(0)),
            platform.python_version(),
            _version("torch"),
            _version("mujoco"),
        )

    def __str__(self) -> str:
        parts = [f"{self.processor}, {self.cores} cores", f"Python {self.python}"]
        return ", ".join(parts + [f"{name} {text}" for name, text in self._packages() if text])

    def _packages(self) -> tuple[tuple[str, str], ...]:
        return ("torch", self.torch), ("mujoco", self.mujoco)


def present_time() -> str:
    """Now, in UTC to the second, as ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
