"""The methods table, held against a naive count, and its tests against the functions behind them."""

from datetime import UTC, datetime
from typing import cast

import numpy as np
import pytest

from app.dashboards.methods_table import MethodCell, MethodsTable, methods_table
from app.dashboards.overview_repository import FinalTrial, OverviewRepository
from app.dashboards.view import View
from hndp_core.evaluation.significance import barnard, holm, mcnemar
from hndp_core.evaluation.success_rate import SuccessRate

PRESENT = datetime(2026, 5, 30, tzinfo=UTC)
CHANCES = {"hndp": 0.9, "ndp": 0.5, "vanilla": 0.3}


class Stored:
    """Stands where the repository does, with trials that were made up."""

    def __init__(self, trials: list[FinalTrial]) -> None:
        self.trials = trials

    def final_trials(self, view: View, since: datetime | None) -> list[FinalTrial]:
        return self.trials


def trial(method: str, seed: int, place: int, success: bool, **changes) -> FinalTrial:
    made = FinalTrial(
        experiment_id=sorted(CHANCES).index(method) * 10 + seed,
        task="scooping@clean",
        method=method,
        simulated=True,
        state="success" if success else "failure",
        seed=seed,
        layout_seed=0,
        x_m=0.5 + place / 100,
        y_m=0.0,
        subject="",
        repeat=1,
    )
    return made._replace(**changes)


def made_up(generator: np.random.Generator, seeds: dict[str, range]) -> list[FinalTrial]:
    return [
        trial(method, seed, place, bool(generator.random() < CHANCES[method]))
        for method in CHANCES
        for seed in seeds[method]
        for place in range(10)
    ]


def table(trials: list[FinalTrial], against: str = "", tested: bool = True) -> MethodsTable:
    repository = cast(OverviewRepository, Stored(trials))
    return methods_table(repository, View(against=against), PRESENT, tested=tested)


def cell_of(found: MethodsTable, method: str, column: int = 0) -> MethodCell:
    cell = next(row for row in found.rows if row.method == method).cells[column]
    assert cell is not None
    return cell


def test_pairs_are_trials_under_the_same_conditions() -> None:
    trials = made_up(np.random.default_rng(3), dict.fromkeys(CHANCES, range(2)))
    found = table(trials, against="hndp")
    outcomes = {(each.method, each.seed, each.x_m): each.state == "success" for each in trials}
    p_values = []
    for method in ("ndp", "vanilla"):
        keys = [(seed, x_m) for name, seed, x_m in outcomes if name == method]
        alone = sum(outcomes[method, *key] and not outcomes["hndp", *key] for key in keys)
        other = sum(outcomes["hndp", *key] and not outcomes[method, *key] for key in keys)
        cell = cell_of(found, method)
        assert cell.rate.successes == sum(outcomes[method, *key] for key in keys)
        assert (cell.rate.trials, cell.experiments) == (20, 2)
        assert cell.against is not None
        assert (cell.against.test, cell.against.pairs) == ("McNemar", 20)
        assert (cell.against.this_only, cell.against.base_only) == (alone, other)
        p_values.append(mcnemar(alone, other))
        assert cell.against.p == p_values[-1]
    adjusted = [cell_of(found, method).against for method in ("ndp", "vanilla")]
    assert [each and each.adjusted_p for each in adjusted] == holm(p_values)
    assert cell_of(found, "hndp").against is None


def test_other_seeds_are_no_pairs() -> None:
    seeds = {"hndp": range(1), "ndp": range(1, 2), "vanilla": range(0)}
    found = table(made_up(np.random.default_rng(4), seeds), against="hndp")
    one, other = cell_of(found, "ndp"), cell_of(found, "hndp")
    assert one.against is not None
    assert (one.against.test, one.against.pairs) == ("Barnard", 0)
    rates = [SuccessRate(each.rate.successes, each.rate.trials) for each in (one, other)]
    assert one.against.p == barnard(*rates)
    assert [row.method for row in found.rows] == ["hndp", "ndp"]


def test_a_condition_that_was_run_twice_pairs_with_nothing() -> None:
    trials = [
        trial("hndp", 0, 1, True),
        trial("ndp", 0, 1, False),
        trial("ndp", 0, 1, True, experiment_id=99),
    ]
    against = cell_of(table(trials, against="hndp"), "ndp").against
    assert against is not None
    assert against.pairs == 0


def test_simulated_and_real_arms_are_columns_of_their_own() -> None:
    trials = [trial("hndp", 0, place, True, simulated=place % 2 == 0) for place in range(5)]
    found = table(trials)
    assert [
        (column.simulated, cell_of(found, "hndp", at).rate.trials) for at, column in enumerate(found.columns)
    ] == [
        (False, 2),
        (True, 3),
    ]


@pytest.mark.parametrize("state", ["unlabelled", "invalid", "pending", "cancelled"])
def test_what_is_not_judged_is_not_counted(state: str) -> None:
    cell = cell_of(table([trial("hndp", 0, 1, True), trial("hndp", 0, 2, True, state=state)]), "hndp")
    assert (cell.rate.successes, cell.rate.trials, cell.unlabelled) == (1, 1, int(state == "unlabelled"))
    assert cell.rate.few


def test_no_test_is_made_unless_asked_for() -> None:
    trials = made_up(np.random.default_rng(3), dict.fromkeys(CHANCES, range(1)))
    assert cell_of(table(trials, against="hndp", tested=False), "ndp").against is None
    assert cell_of(table(trials), "ndp").against is None
