"""The benches of the whole project by name, with the figures that only the app can measure."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from hndp_core.errors import UnknownName

if TYPE_CHECKING:  # benches load torch: only the one that runs is imported
    from hndp_core.experiments.bench import BenchRecord, Target
    from hndp_core.learning.optimise import TrainingProgress

LABEL_TO_NEXT_TARGET: "Target" = {"at_most": 300.0}


def run_bench(name: str, data_dir: Path | None = None) -> "BenchRecord":
    """Measure by name; what is made on the way is kept in `data_dir`, so that the bench can go on there.

    Raises:
        UnknownName: no bench has this name; lists those there are.
    """
    if name not in BENCHES:
        raise UnknownName("bench", name, BENCHES)
    return BENCHES[name](data_dir)


def _loop(data_dir: Path | None) -> "BenchRecord":
    from app.trials import bench_label
    from hndp_core.experiments.bench import loop
    from hndp_core.experiments.progress_report import ProgressBars

    label_to_next = bench_label.measure()
    with ProgressBars() as bars:
        return loop.measure(
            data_dir,
            extra_figures=label_to_next,
            extra_targets={"label_to_next_p95_ms": LABEL_TO_NEXT_TARGET},
            report=lambda seed, progress: bars(progress),
        )


def _dmp(data_dir: Path | None) -> "BenchRecord":
    from hndp_core.experiments.bench import dmp

    return dmp.measure()


def _digits(data_dir: Path | None) -> "BenchRecord":
    from hndp_core.experiments.bench import digits

    def report(method: str, seed: int, progress: "TrainingProgress") -> None:
        if progress.done == progress.total:
            print(f"{method}, seed {seed}: trained", file=sys.stderr)

    return digits.measure(data_dir, report=report)


BENCHES: dict[str, "Callable[[Path | None], BenchRecord]"] = {"digits": _digits, "dmp": _dmp, "loop": _loop}


def print_record(record: "BenchRecord", *, stderr: bool = False) -> None:
    """Print the figures beside their targets."""
    table = Table(title=f"Bench {record.bench} at {record.commit}")
    for column in ("Figure", "Value", "Target", "Reached"):
        table.add_column(column)
    for name in sorted({*record.figures, *record.targets}):
        target = record.targets.get(name, {})
        bound = ", ".join(f"{kind.replace('_', ' ')} {value:g}" for kind, value in target.items())
        value = f"{record.figures[name]:.4g}" if name in record.figures else "missing"
        table.add_row(name, value, bound, ("yes" if record.reached(name) else "no") if target else "")
    Console(file=sys.stderr if stderr else sys.stdout).print(table)
