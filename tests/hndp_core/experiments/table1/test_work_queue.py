"""The queue itself, with jobs that are one line of shell."""

import subprocess
import time
from pathlib import Path

import pytest

from hndp_core.experiments.table1.job import Job
from hndp_core.experiments.table1.planned_run import Conditions, PlannedRun
from hndp_core.experiments.table1.work_queue import JobsFailed, work_off


@pytest.fixture
def started() -> list[tuple[Job, float]]:
    return []


@pytest.fixture
def start(started):
    """Start a job that takes 0.2 s and leaves its result; one of seed 13 fails instead."""

    def start(job: Job, log: Path) -> subprocess.Popen:
        started.append((job, time.monotonic()))
        assert all(need.done for need in job.needs())
        job.done_file.parent.mkdir(parents=True, exist_ok=True)
        script = f"sleep 0.2; touch {job.done_file}"
        if job.run.seed == 13:
            script = "echo out of almonds; exit 3"
        with log.open("wb") as output:
            return subprocess.Popen(["sh", "-c", script], stdout=output)

    return start


def jobs_of(tmp_path: Path, *seeds: int) -> list[Job]:
    runs = [
        Job("run", PlannedRun("scooping", "ndp_1x", 0, seed), Conditions(), tmp_path / "data", tmp_path)
        for seed in seeds
    ]
    return [each for run in runs for each in (*run.needs(), run)]


def test_each_job_waits_for_what_it_needs_and_none_runs_twice(tmp_path, started, start):
    todo = jobs_of(tmp_path, 0, 1)
    ended = [job for job, _ in work_off(todo, 2, start=start)]
    assert sorted(job.done_file for job in ended) == sorted(job.done_file for job in todo)
    assert all(job.done for job in todo)
    assert list(work_off(todo, 2, start=start)) == []
    assert len(started) == len(todo)


def test_as_many_at_once_as_asked(tmp_path, started, start):
    list(work_off(jobs_of(tmp_path, 0), 2, start=start))
    (_, first), (_, second), (last, third) = started
    assert last.part == "run"
    assert second - first < 0.15
    assert third - first > 0.19


def test_a_failure_stops_only_what_needs_it_and_is_told_at_the_end(tmp_path, started, start):
    with pytest.raises(JobsFailed, match=r"seed_13: out of almonds"):
        list(work_off(jobs_of(tmp_path, 13, 1), 1, start=start))
    assert [job.run.seed for job, _ in started] == [13, 13, 1, 1, 1]


def test_processes_end_with_the_caller(tmp_path, started):
    processes: list[subprocess.Popen] = []

    def start(job: Job, log: Path) -> subprocess.Popen:
        quick = not processes
        job.done_file.parent.mkdir(parents=True, exist_ok=True)
        processes.append(
            subprocess.Popen(["sh", "-c", f"{'true' if quick else 'sleep 60'}; touch {job.done_file}"])
        )
        return processes[-1]

    work = work_off(jobs_of(tmp_path, 0, 1), 2, start=start)
    next(work)
    work.close()
    assert all(process.poll() is not None for process in processes)


def test_a_job_passes_through_its_command_line(tmp_path):
    for job in jobs_of(tmp_path, 5):
        assert Job.from_json(job.to_json()) == job
