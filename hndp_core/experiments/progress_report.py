"""What a person at the command line sees of a run: progress bars while it works, a table at its end."""

import sys
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table

from hndp_core.hierarchy.steps import StepProgress


class ProgressBars:
    """Draws a bar for each step of each iteration on stderr, so that stdout stays free for the result."""

    def __init__(self) -> None:
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[losses]}"),
            console=Console(stderr=True),
        )
        self._bars: dict[tuple[int, str], TaskID] = {}

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def __call__(self, progress: StepProgress) -> None:
        """Draw the progress of a step."""
        key = progress.iteration, progress.step
        if key not in self._bars:
            title = f"Iteration {progress.iteration}: {progress.step.replace('_', ' ')}"
            self._bars[key] = self._progress.add_task(title, losses="")
        losses = "  ".join(f"{name} {value:.2e}" for name, value in progress.losses.items())
        self._progress.update(self._bars[key], completed=progress.done, total=progress.total, losses=losses)


def result_table(result: Mapping[str, Any]) -> Table:
    """Per iteration successes of trials with their interval, and the number of open gates."""
    table = Table(title="Success per iteration, 95 % Wilson interval")
    for column in ("Iteration", "Train regions", "Held-out regions", "Open gates", "Training"):
        table.add_column(column, justify="right")
    for row in result["iterations"]:
        training = sum(seconds for step, seconds in row["seconds"].items() if step.endswith("training"))
        table.add_row(
            str(row["iteration"]),
            _rate(row["train"]),
            _rate(row["held_out"]),
            str(row["open_gates"]),
            f"{training:.0f} s",
        )
    return table


def print_result(result: Mapping[str, Any], *, stderr: bool = False) -> None:
    """Print the table at the end of a run."""
    Console(file=sys.stderr if stderr else sys.stdout).print(result_table(result))


def _rate(rate: Mapping[str, Any]) -> str:
    low, high = rate["interval"]
    return f"{rate['successes']}/{rate['trials']} ({low:.2f} to {high:.2f})"
