"""Jobs in processes of their own, so many at once, in order, each after what it needs."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from hndp_core.errors import HndpError
from hndp_core.experiments.table1.job import Job

POLL_S = 0.2


class JobsFailed(HndpError):
    """Jobs whose processes ended without their results."""

    def __init__(self, failed: Sequence[tuple[Job, Path]]) -> None:
        jobs = [f"{job.part} of {job.run.key}: {_last_words(log)} (log: {log})" for job, log in failed]
        super().__init__(
            "Some runs failed. Mend what is wrong and run the bench again: it goes on where it was.\n"
            + "\n".join(jobs)
        )


def _last_words(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines()
    return lines[-1] if lines else "ended without a word"


@dataclass
class _AtWork:
    job: Job
    process: subprocess.Popen
    log: Path
    began_s: float


def work_off(
    jobs: Sequence[Job], at_once: int, *, start: Callable[[Job, Path], subprocess.Popen] | None = None
) -> Generator[tuple[Job, float], None, None]:
    """Do all jobs that are not done, and yield each as it ends, with its duration [s].

    A job starts when what it needs is done; needs must be among the jobs, or done. One that fails stops no
    other but those that need it; all failures are told at the end. Processes at work are ended when the
    caller stops asking.

    Raises:
        JobsFailed: processes of jobs ended without their results.
    """
    start = start or start_process
    waiting = [job for job in jobs if not job.done]
    working: list[_AtWork] = []
    failed: list[tuple[Job, Path]] = []
    try:
        while working or any(_startable(waiting, failed)):
            ended = [each for each in working if each.process.poll() is not None]
            for each in ended:
                working.remove(each)
                if each.job.done:
                    yield each.job, time.monotonic() - each.began_s
                else:
                    failed.append((each.job, each.log))
            ready = next((job for job in waiting if all(need.done for need in job.needs())), None)
            if len(working) < at_once and ready is not None:
                waiting.remove(ready)
                log = ready.data_dir / "logs" / f"{ready.run.key}.{ready.part}.log"
                log.parent.mkdir(parents=True, exist_ok=True)
                working.append(_AtWork(ready, start(ready, log), log, time.monotonic()))
            elif not ended:
                time.sleep(POLL_S)
    finally:
        for each in working:
            each.process.kill()
            each.process.wait()
    if failed:
        raise JobsFailed(failed)


def _startable(waiting: Sequence[Job], failed: Sequence[tuple[Job, Path]]) -> Iterator[bool]:
    """For each waiting job, whether it can start once those at work have ended well."""
    lost = {job.done_file for job, _ in failed}
    return (not any(need.done_file in lost for need in job.needs()) for job in waiting)


def start_process(job: Job, log: Path) -> subprocess.Popen:
    """Start the job's process; it dies with this one, and its cell with it.

    Its threads do not wait busily: at one thread a job they could only take time from the other jobs.
    """
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "passive"}
    with log.open("wb") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "hndp_core.experiments.table1.job", job.to_json()],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
        )
