"""A table that is killed at any moment goes on where it was, and ends with the same bits."""

import fcntl
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hndp_core.experiments import headless_run
from hndp_core.experiments.bench.table1 import load_results, measure
from hndp_core.experiments.table1.planned_run import Conditions, PlannedRun
from hndp_core.experiments.table1.schedule import Schedule
from hndp_core.hierarchy.config import RefinementConfig

CONFIG = RefinementConfig(global_steps=4, batch_size=4, pretrain_images=0, threads=1)
CONDITIONS = Conditions(CONFIG, regions=1, held_out=1)
SCHEDULE = Schedule(tasks=("scooping@clean",), rows=("ndp_1x",))
RUN = PlannedRun("scooping@clean", "ndp_1x", 0, 0)


def bench(folder: Path) -> list[str]:
    """The command line of a process that makes the table in a folder."""
    script = (
        "import sys; from pathlib import Path\n"
        "from hndp_core.experiments.bench.table1 import measure\n"
        "from hndp_core.experiments.table1.planned_run import Conditions\n"
        "from hndp_core.experiments.table1.schedule import Schedule\n"
        "from hndp_core.hierarchy.config import RefinementConfig\n"
        "folder = Path(sys.argv[1])\n"
        "conditions = Conditions(RefinementConfig.from_json(sys.argv[2]), 1, 1)\n"
        f"measure(folder, data_dir=folder / 'data', schedule={SCHEDULE!r}, conditions=conditions)\n"
    )
    return [sys.executable, "-c", script, str(folder), CONFIG.to_json()]


@pytest.mark.faults
def test_a_killed_table_goes_on_and_ends_as_an_undisturbed_run(tmp_path: Path):
    run_folder = tmp_path / "data" / "runs" / RUN.key
    process = subprocess.Popen(bench(tmp_path))
    _wait_for(run_folder / "iterations" / "1" / "global_training.safetensors", process)
    process.send_signal(signal.SIGKILL)
    process.wait()
    lock = run_folder / headless_run.LOCK_FILE
    _wait_until(lambda: _unlocked(lock), "the job dies with the bench")
    before = (run_folder / "demonstrations.npz").stat().st_mtime_ns

    measure(tmp_path, data_dir=tmp_path / "data", schedule=SCHEDULE, conditions=CONDITIONS, keep=True)
    assert (run_folder / "demonstrations.npz").stat().st_mtime_ns == before
    (result,) = load_results(tmp_path)
    alone = headless_run.run(RUN.settings(CONDITIONS), tmp_path / "alone", processes=1)
    assert [rate.as_dict() for rate in result.held_out] == [row["held_out"] for row in alone["iterations"]]
    for name in ("demonstrations.npz", "iterations/1/global_training.safetensors"):
        assert (run_folder / name).read_bytes() == (tmp_path / "alone" / name).read_bytes(), name


def _wait_for(file: Path, process: subprocess.Popen) -> None:
    def there() -> bool:
        assert process.poll() is None, "the bench ended by itself"
        return file.exists()

    _wait_until(there, f"{file} is written")


def _wait_until(condition, what: str, seconds: float = 180) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.02)


def _unlocked(lock: Path) -> bool:
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True
