"""The bench of H-NDP's Table I: all rows on all tasks, side by side, growing from call to call."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from hndp_core.evaluation.success_rate import SuccessRate
from hndp_core.experiments.bench.record import BenchRecord, Target, present_commit
from hndp_core.experiments.machine import Machine, present_time
from hndp_core.experiments.table1.charts import drawing_library
from hndp_core.experiments.table1.job import Job
from hndp_core.experiments.table1.planned_run import Conditions, PlannedRun, task_at_level
from hndp_core.experiments.table1.publish import publish
from hndp_core.experiments.table1.rows import HNDP_ROW, MAIN_ROWS, get_row
from hndp_core.experiments.table1.run_result import RunResult
from hndp_core.experiments.table1.schedule import Schedule, best_baseline, rates
from hndp_core.experiments.table1.work_queue import work_off

TARGETS: dict[str, Target] = {
    "writing_hndp_successes": {"at_least": 27},
    "scooping_hndp_successes": {"at_least": 27},
    "pouring_hndp_successes": {"at_least": 24},
    "minutes_one_task_one_seed": {"at_most": 45},
}

TARGET_LAYOUT, TARGET_SEEDS = 0, (0, 1, 2)
"""The 30 trials a task that the targets speak of: ten held-out regions of the default layout, three seeds."""


@dataclass(frozen=True)
class Progress:
    """How far the table is.

    Attributes:
        done: jobs of this part of the schedule that are done
        total: of how many
        job: the one that ended last
        seconds: that it took
        seconds_left: of this part, estimated from what this call has done so far
    """

    done: int
    total: int
    job: Job
    seconds: float
    seconds_left: float


def measure(
    out: Path,
    *,
    data_dir: Path,
    schedule: Schedule,
    conditions: Conditions | None = None,
    jobs: int = 1,
    keep: bool = False,
    report: Callable[[Progress], None] = lambda progress: None,
) -> BenchRecord:
    """Run what is missing of the table, then count and publish all that is there, be it incomplete.

    Args:
        out: takes one result a run, in `table1/`; a run whose result is there is not run again
        data_dir: keeps the work; an interrupted run goes on there
        schedule: which runs
        conditions: common to all runs
        jobs: runs at the same time; each has one thread and one simulated cell, so that nothing but
            durations depends on it
        keep: whether demonstrations, images and policies of finished runs are kept in `data_dir`
        report: told of every job that ends

    Raises:
        JobsFailed: runs ended without results; all others were made.
        MissingPackage: matplotlib is not installed; nothing has run.
    """
    drawing_library()  # what is missing for the figures shows now, not after hours
    conditions = conditions or Conditions()

    def run_all(runs: Sequence[PlannedRun]) -> None:
        _work(_jobs(runs, conditions, data_dir, out, jobs, keep), jobs, report)

    try:
        run_all(schedule.first())
        run_all(schedule.then(load_results(out)))
    finally:
        found = load_results(out)
        counted = record(found)
        publish(out, counted, found)
    return counted


def load_results(out: Path) -> list[RunResult]:
    """All results that are there, of this call and of earlier ones, in the order of their names.

    Raises:
        HndpError: for a file that is no result.
    """
    return [RunResult.from_json(file.read_text()) for file in sorted((out / "table1").glob("*/*/*.json"))]


def record(results: Sequence[RunResult]) -> BenchRecord:
    """Flat figures of each task at its default level, whichever call ran it; else none.

    They count the default layout and the first seeds alone: further ones stand in the table, and would only
    make a number of successes easier to reach.
    """
    results = [
        each for each in results if each.run.layout_seed == TARGET_LAYOUT and each.run.seed in TARGET_SEEDS
    ]
    figures: dict[str, float] = {}
    notes: dict[str, str] = {}
    minutes: list[float] = []
    for name in sorted({each.run.task.partition("@")[0] for each in results}):
        task = task_at_level(name)
        held_out = rates(task, results, "held_out")
        if HNDP_ROW in held_out:
            figures |= _counted(f"{name}_hndp", held_out[HNDP_ROW])
        best = best_baseline(task, results)
        if best is not None:
            figures |= _counted(f"best_baseline_{name}", held_out[best])
            notes[f"best_baseline_{name}_successes"] = f"{best}: {get_row(best).title}"
        minutes += minutes_by_seed(task, results)
    if minutes:
        figures["minutes_one_task_one_seed"] = max(minutes)
    machine, date = Machine.present(), present_time()
    return BenchRecord("table1", present_commit(), figures, TARGETS, notes, machine=machine, date=date)


def _counted(name: str, rate: SuccessRate) -> dict[str, float]:
    return {f"{name}_successes": rate.successes, f"{name}_trials": rate.trials}


def minutes_by_seed(task: str, results: Sequence[RunResult]) -> list[float]:
    """Of each layout and seed with all eight rows of the paper: wall time of the rows and of what they share.

    Where several jobs ran at the same time, each second counts for that part of one.
    """
    main = [row.name for row in MAIN_ROWS]
    grouped: dict[tuple[int, int], dict[str, RunResult]] = {}
    for each in results:
        if each.run.task == task and each.run.row in main:
            grouped.setdefault((each.run.layout_seed, each.run.seed), {})[each.run.row] = each
    return [_minutes(list(rows.values())) for rows in grouped.values() if len(rows) == len(main)]


def _minutes(results: Sequence[RunResult]) -> float:
    shared = {
        (part, get_row(each.run.row).demonstrations if part == "demonstrations" else 0): seconds / each.jobs
        for each in results
        for part, seconds in each.seconds.items()
        if part in ("demonstrations", "pretraining")
    }
    return (sum(shared.values()) + sum(each.seconds["run"] / each.jobs for each in results)) / 60


def _jobs(
    runs: Sequence[PlannedRun], conditions: Conditions, data_dir: Path, out: Path, jobs: int, keep: bool
) -> list[Job]:
    """One job a run, each behind what it needs and shares."""
    ordered: dict[Path, Job] = {}
    for run in runs:
        job = Job("run", run, conditions, data_dir, out, jobs, keep)
        if not job.done:
            for each in (*job.needs(), job):
                ordered.setdefault(each.done_file, each)
    return list(ordered.values())


def _work(todo: Sequence[Job], at_once: int, report: Callable[[Progress], None]) -> None:
    todo = [job for job in todo if not job.done]
    left = {id(job): _work_of(job) for job in todo}
    spent, done_work = 0.0, 0.0
    for number, (job, seconds) in enumerate(work_off(todo, at_once), start=1):
        spent += seconds
        done_work += left.pop(id(job))
        per_work = spent / done_work / at_once
        report(Progress(number, len(todo), job, seconds, per_work * sum(left.values())))
        if job.part == "run" and not job.keep:
            shutil.rmtree(job.run_folder, ignore_errors=True)


def _work_of(job: Job) -> float:
    return get_row(job.run.row).work if job.part == "run" else 1.0
