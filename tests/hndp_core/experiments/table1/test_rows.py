from dataclasses import replace
from pathlib import Path

import pytest

from hndp_core.errors import UnknownName
from hndp_core.experiments.table1.job import Job
from hndp_core.experiments.table1.planned_run import Conditions, PlannedRun, task_at_level
from hndp_core.experiments.table1.rows import HNDP_ROW, MAIN_ROWS, ROWS, get_row
from hndp_core.hierarchy.config import RefinementConfig
from hndp_core.hierarchy.methods import get_method


def test_the_eight_rows_of_the_paper_in_its_order():
    assert [row.name for row in MAIN_ROWS] == [
        "ndp_1x",
        "vanilla_1x",
        "ndp_5x",
        "vanilla_5x",
        "gps_5x",
        "hndp_5x",
        "gps_1x_5",
        "hndp_1x_5",
    ]
    assert get_row(HNDP_ROW).paper == {"writing": 0.8, "scooping": 0.6, "pouring": 0.3}


def test_every_baseline_is_raw_too_and_tells_the_same_paper_rate():
    for row in MAIN_ROWS:
        if row.baseline:
            raw = get_row(row.name.replace(row.method, f"{row.method}_raw"))
            assert not get_method(raw.method).conditioned
            assert (raw.demonstrations, raw.iterations, raw.paper) == (
                row.demonstrations,
                row.iterations,
                row.paper,
            )


def test_rows_that_see_feature_points_differ_in_that_alone():
    for name in (HNDP_ROW, "ndp_1x"):
        usual, features = (
            PlannedRun("scooping", each, 0, 0).settings(Conditions()) for each in (name, f"{name}_features")
        )
        assert usual.config.visual_input == "readout"
        assert features == replace(usual, config=replace(usual.config, visual_input="feature_points"))
    assert get_row(f"{HNDP_ROW}_features").title == "H-NDP, feature points"


@pytest.mark.parametrize("name", ROWS)
def test_every_row_can_be_run(name: str):
    settings = PlannedRun("scooping", name, 3, 1).settings(Conditions())
    row = get_row(name)
    assert (settings.config.method, settings.config.iterations) == (row.method, row.iterations)
    assert (settings.demonstrations, settings.layout_seed, settings.seed) == (row.demonstrations, 3, 1)
    assert settings.config.threads == 1


def test_a_task_is_named_with_its_level():
    assert PlannedRun("scooping", HNDP_ROW, 0, 0) == PlannedRun(task_at_level("scooping"), HNDP_ROW, 0, 0)
    assert "@" in PlannedRun("scooping", HNDP_ROW, 0, 0).task
    assert task_at_level("scooping@clean") == "scooping@clean"


def test_unknown_rows_are_refused():
    with pytest.raises(UnknownName, match="hndp_1x_5"):
        PlannedRun("scooping", "hndp_2x", 0, 0)


def test_material_is_shared_by_rows_and_under_the_same_conditions_alone(tmp_path: Path):
    def files(row: str, conditions: Conditions, seed: int = 0) -> dict[str, Path]:
        job = Job("run", PlannedRun("scooping", row, 0, seed), conditions, tmp_path, tmp_path)
        return {need.part: need.done_file for need in job.needs()}

    usual, other = Conditions(), Conditions(RefinementConfig(threads=1, pretrain_steps=7))
    assert files("ndp_1x", usual) == files(HNDP_ROW, usual)
    assert files("ndp_1x", usual)["pretraining"] == files("ndp_5x", usual)["pretraining"]
    assert files("ndp_1x", usual)["demonstrations"] != files("ndp_5x", usual)["demonstrations"]
    for different in (files("ndp_1x", other), files("ndp_1x", usual, seed=1)):
        assert not set(different.values()) & set(files("ndp_1x", usual).values())
    assert list(files("ndp_1x", Conditions(RefinementConfig(pretrain_images=0)))) == ["demonstrations"]
