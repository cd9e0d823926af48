import pytest

from hndp_core.errors import UnknownName
from hndp_core.experiments.table1.rows import HNDP_ROW, ROWS
from hndp_core.experiments.table1.schedule import Schedule, best_baseline

from .made_results import result

YES, NO = True, False
TASK = "scooping@clean"


def test_one_seed_of_every_row_first_then_more_of_the_two_that_matter():
    schedule = Schedule(tasks=(TASK, "pouring@clean"), seeds=3, layout_seeds=(4, 5))
    first = schedule.first()
    assert [(run.task, run.row) for run in first] == [
        (task, row) for task in (TASK, "pouring@clean") for row in ROWS
    ]
    assert {(run.layout_seed, run.seed) for run in first} == {(4, 0)}
    results = [result("ndp_5x", [YES, NO], layout_seed=4), result("gps_1x_5", [NO, NO], layout_seed=4)]
    then = [run for run in schedule.then(results) if run.task == TASK]
    assert {run.row for run in then} == {HNDP_ROW, "ndp_5x"}
    places = [(layout, seed) for layout in (4, 5) for seed in range(3)]
    assert list(dict.fromkeys((run.layout_seed, run.seed) for run in then)) == places


def test_rows_that_are_named_get_every_seed():
    schedule = Schedule(tasks=(TASK,), rows=("act_1x",), seeds=2)
    assert [(run.row, run.seed) for run in schedule.first()] == [("act_1x", 0), ("act_1x", 1)]
    assert schedule.then([]) == []


def test_levels_multiply_tasks():
    schedule = Schedule(tasks=("scooping", "pouring"), levels=("clean",))
    assert schedule.tasks_at_levels() == ["scooping@clean", "pouring@clean"]


def test_unknown_names_are_refused_before_anything_runs():
    with pytest.raises(UnknownName, match="pour2"):
        Schedule(tasks=("pour2",))
    with pytest.raises(UnknownName, match="impossible"):
        Schedule(levels=("impossible",))
    with pytest.raises(UnknownName, match="magic"):
        Schedule(rows=("magic",))


def test_the_best_baseline_is_none_of_ours_and_no_lucky_seed():
    assert best_baseline(TASK, [result("hndp_5x", [YES])]) is None
    results = [
        result("hndp_same_images_1x_5", [YES, YES]),
        result("vanilla_1x", [YES, YES]),
        result("ndp_1x", [YES, NO]),
        result("ndp_1x", [YES, NO], seed=1),
    ]
    assert best_baseline(TASK, results) == "ndp_1x"


def test_ties_go_to_the_train_regions():
    results = [result("ndp_1x", [YES], train=1), result("act_1x", [YES], train=2)]
    assert best_baseline(TASK, results) == "act_1x"
