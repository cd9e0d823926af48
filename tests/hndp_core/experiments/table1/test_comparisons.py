import pytest

from hndp_core.evaluation.significance import barnard
from hndp_core.evaluation.success_rate import SuccessRate
from hndp_core.experiments.table1.comparisons import compare
from hndp_core.experiments.table1.rows import HNDP_FEATURES_ROW, HNDP_ROW

from .made_results import result

YES, NO = True, False
TASK = "scooping@clean"


def test_pairs_share_layout_seed_and_region():
    ours = [result(HNDP_ROW, [YES] * 6, seed=seed) for seed in (0, 1)]
    theirs = result("ndp_1x", [NO, NO, NO, NO, NO, YES])
    (found,) = compare(TASK, [*ours, theirs])
    assert (found.row, found.test, found.pairs) == ("ndp_1x", "McNemar", 6)
    assert (found.hndp_only, found.row_only) == (5, 0)
    assert found.p == found.adjusted_p == pytest.approx(2 * 0.5**5)


def test_without_a_shared_trial_series_are_compared_as_independent():
    ours, theirs = result(HNDP_ROW, [YES] * 8, layout_seed=0), result("act_1x", [NO] * 8, layout_seed=1)
    (found,) = compare(TASK, [ours, theirs])
    assert (found.test, found.pairs) == ("Barnard", 0)
    assert found.p == pytest.approx(barnard(SuccessRate(8, 8), SuccessRate(0, 8)))


def test_what_sees_feature_points_is_compared_with_the_h_ndp_that_sees_them_too():
    results = [
        result(HNDP_ROW, [YES] * 6),
        result(HNDP_FEATURES_ROW, [YES] * 4 + [NO] * 2),
        result("ndp_1x_features", [YES] + [NO] * 5),
    ]
    by_row = {each.row: each for each in compare(TASK, results)}
    assert by_row[HNDP_FEATURES_ROW].against == HNDP_ROW
    assert by_row[HNDP_FEATURES_ROW].hndp_only == 2
    assert by_row["ndp_1x_features"].against == HNDP_FEATURES_ROW
    assert by_row["ndp_1x_features"].hndp_only == 3
    assert compare(TASK, [results[0], results[2]]) == []


def test_several_rows_are_corrected_together_and_other_tasks_apart():
    results = [
        result(HNDP_ROW, [YES] * 6),
        result("ndp_1x", [NO] * 6),
        result("act_1x", [YES] * 5 + [NO]),
        result("act_1x", [NO] * 6, task="pouring@clean"),
    ]
    by_row = {each.row: each for each in compare(TASK, results)}
    assert list(by_row) == ["ndp_1x", "act_1x"]
    assert by_row["ndp_1x"].adjusted_p == pytest.approx(2 * 2 * 0.5**6)
    assert by_row["act_1x"].adjusted_p == 1.0
    assert compare("pouring@clean", results) == []
