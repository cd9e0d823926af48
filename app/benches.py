"""The benches of the whole project, with the figures that only the app can measure, and what people see."""

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:  # benches load torch: only the one that runs is imported
    from hndp_core.experiments.bench import BenchRecord, Target
    from hndp_core.experiments.bench.table1 import Progress
    from hndp_core.experiments.table1.schedule import Schedule
    from hndp_core.learning.optimise import TrainingProgress

KEY_TO_NEXT_TARGET: "Target" = {"at_most": 300.0}


def loop(data_dir: Path | None) -> "BenchRecord":
    """Success after five iterations, what it costs, and how soon the next trial can be labelled."""
    from app.trials import bench_label
    from hndp_core.experiments.bench import loop
    from hndp_core.experiments.progress_report import ProgressBars

    labelling = bench_label.measure()
    with ProgressBars() as bars:
        return loop.measure(
            data_dir,
            extra_figures={
                "label_to_next_p95_ms": labelling["key_to_next_p95_ms"],
                "label_to_next_p50_ms": labelling["key_to_next_p50_ms"],
            },
            extra_targets={"label_to_next_p95_ms": KEY_TO_NEXT_TARGET},
            report=lambda seed, progress: bars(progress),
        )


def label() -> "BenchRecord":
    """How soon the next trial can be judged, with 10,000 trials in the database."""
    from app.trials import bench_label
    from hndp_core.experiments.bench.record import BenchRecord, present_commit

    targets = {"key_to_next_p95_ms": KEY_TO_NEXT_TARGET}
    return BenchRecord("label", present_commit(), bench_label.measure(), targets)


def dmp() -> "BenchRecord":
    """Speed of the layer that networks end in."""
    from hndp_core.experiments.bench import dmp

    return dmp.measure()


def digits(data_dir: Path | None) -> "BenchRecord":
    """Methods compared on images of handwriting."""
    from hndp_core.experiments.bench import digits

    def report(method: str, seed: int, progress: "TrainingProgress") -> None:
        if progress.done == progress.total:
            print(f"{method}, seed {seed}: trained", file=sys.stderr)

    return digits.measure(data_dir, report=report)


def pose(data_dir: Path | None) -> "BenchRecord":
    """Visual features compared by the pose error of what is learned from them."""
    from hndp_core.experiments.bench import pose

    def report(task: str, end: str, part: str, progress: "TrainingProgress") -> None:
        if progress.done == progress.total:
            print(f"{task}, {end}, {part}: trained", file=sys.stderr)

    return pose.measure(data_dir, report=report)


def export() -> "BenchRecord":
    """Whether data sets read back as they were written."""
    from hndp_core.experiments.bench import export

    return export.measure()


def recording() -> "BenchRecord":
    """What a killed recording loses, and how evenly one samples."""
    from hndp_core.experiments.bench import recording

    return recording.measure()


def table1(
    out: Path, data_dir: Path, schedule: "Schedule", *, jobs: int, keep: bool = False
) -> "BenchRecord":
    """The rows of H-NDP's Table I that are missing in `out`; then its tables and figures anew."""
    from hndp_core.experiments.bench import table1

    return table1.measure(
        out, data_dir=data_dir, schedule=schedule, jobs=jobs, keep=keep, report=_tell_progress
    )


def sequential() -> "BenchRecord":
    """Level, power and length of comparisons that are looked at after every pair."""
    from hndp_core.experiments.bench import sequential

    return sequential.measure()


def hostile() -> "BenchRecord":
    """Trajectories that must not be executed, and such that must."""
    from hndp_core.experiments.bench import hostile

    def report(part: str, done: int) -> None:
        if done % 500 == 0:
            print(f"{part}: {done} tried", file=sys.stderr, flush=True)

    return hostile.measure(report=report)


def cell() -> "BenchRecord":
    """How evenly a cell sends commands while every core trains."""
    from app.platform.bench_rig import training_beside
    from hndp_core.experiments.bench import cell

    @contextmanager
    def busy() -> Iterator[None]:
        with ExitStack() as trainings:
            for _ in range(os.cpu_count() or 1):
                trainings.enter_context(training_beside())
            yield

    return cell.measure(busy)


def _tell_progress(progress: "Progress") -> None:
    job, part = progress.job, "" if progress.job.part == "run" else f" ({progress.job.part})"
    print(
        f"[{progress.done}/{progress.total}] {job.run.task} {job.run.row} layout {job.run.layout_seed} "
        f"seed {job.run.seed}{part}: {progress.seconds:.0f} s; "
        f"about {progress.seconds_left / 60:.0f} min left",
        file=sys.stderr,
        flush=True,
    )


def print_record(record: "BenchRecord", *, stderr: bool = False) -> None:
    """Print the figures beside their targets."""
    table = Table(title=f"Bench {record.bench} at {record.commit}")
    for column in ("Figure", "Value", "Target", "Reached"):
        table.add_column(column)
    for name in sorted({*record.figures, *record.targets}):
        target = record.targets.get(name, {})
        bound = ", ".join(f"{kind.replace('_', ' ')} {value:g}" for kind, value in target.items())
        value = f"{record.figures[name]:.4g}" if name in record.figures else "missing"
        value += f" ({record.notes[name]})" if name in record.notes else ""
        table.add_row(name, value, bound, ("yes" if record.reached(name) else "no") if target else "")
    Console(file=sys.stderr if stderr else sys.stdout).print(table)
