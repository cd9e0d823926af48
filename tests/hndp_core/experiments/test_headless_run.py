"""The loop on real physics, as small as it gets: here its parts are put together."""

import fcntl
import json

import pytest

from hndp_core.errors import UnknownName
from hndp_core.experiments.headless_run import LOCK_FILE, FolderInUse, HeadlessRun, run
from hndp_core.experiments.progress_report import ProgressBars, print_result
from hndp_core.hierarchy.config import RefinementConfig
from hndp_core.hierarchy.steps import StepProgress
from hndp_core.tasks import UnknownTask
from hndp_core.tasks.region import NoRegions

SETTINGS = HeadlessRun(
    config=RefinementConfig(
        iterations=1, local_steps=60, global_steps=4, batch_size=4, pretrain_images=0, threads=1
    ),
    regions=2,
    held_out=1,
)


def test_a_run_ends_with_its_table_and_goes_on_in_its_folder_alone(tmp_path, capsys):
    folder = tmp_path / "run"
    seen: list[StepProgress] = []
    result = run(SETTINGS, folder, report=seen.append)
    (row,) = result["iterations"]
    assert (row["iteration"], row["train"]["trials"], row["held_out"]["trials"]) == (1, 2, 1)
    assert row["open_gates"] == row["train"]["successes"]
    assert set(row["seconds"]) == {each.step for each in seen}
    assert json.loads((folder / "results.json").read_text()) == result
    assert run(SETTINGS, folder) == result
    with pytest.raises(FolderInUse, match="other settings"):
        run(HeadlessRun(config=SETTINGS.config, regions=2, held_out=1, seed=1), folder)
    with ProgressBars() as bars:
        for progress in seen:
            bars(progress)
    print_result(result)
    captured = capsys.readouterr()
    assert f"{row['train']['successes']}/2" in captured.out
    assert "global training" in captured.err


def test_a_folder_that_is_not_its_own_is_refused(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(FolderInUse, match="empty folder"):
        run(SETTINGS, tmp_path)


def test_two_processes_never_run_in_one_folder(tmp_path):
    with (tmp_path / LOCK_FILE).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(FolderInUse, match="Another process"):
            run(SETTINGS, tmp_path)


@pytest.mark.parametrize(("task", "train", "held_out"), [("scooping", 18, 10), ("pouring", 16, 10)])
def test_numbers_of_regions_are_the_tasks_own_unless_given(task, train, held_out):
    assert HeadlessRun(task=task) == HeadlessRun(task=task, regions=train, held_out=held_out)
    assert len(HeadlessRun(task=task, held_out=2).layout()) == train + 2


def test_bad_settings_are_refused_with_what_there_is():
    with pytest.raises(UnknownTask, match="scooping"):
        HeadlessRun(task="pour2")
    with pytest.raises(UnknownName, match="simulated"):
        HeadlessRun(operator="nobody")
    with pytest.raises(NoRegions):
        HeadlessRun(regions=0)
