"""Success rates by iteration, for train and held-out regions apart (H-NDP Fig. 6)."""

from collections import defaultdict
from typing import Final

from app.dashboards.repository import DashboardRepository
from app.dashboards.schemas import Rate, Split, SuccessFigure, SuccessPoint, SuccessSeries
from hndp_core.evaluation.success_rate import SuccessRate

FEW_TRIALS: Final = 10
"""Below this number of counted trials a rate is drawn grey."""

SPLITS: Final[dict[str, Split]] = {"gate": "train", "held_out": "held_out"}
"""Which regions the trials of a purpose are in."""

_REGIONS: Final = {"train": "Train regions", "held_out": "Held-out regions"}


def success_figure(repository: DashboardRepository) -> SuccessFigure:
    """Count every series of trials that may be pooled; see `counting` for what counts.

    Raises:
        NotFound: no such experiment.
    """
    experiment = repository.experiment()
    counts: dict[tuple[Split, bool], dict[int, dict[str, int]]] = defaultdict(lambda: defaultdict(dict))
    for each in repository.state_counts():
        counts[SPLITS[each.purpose], each.simulated][each.iteration][each.state] = each.count
    return SuccessFigure(
        planned_iterations=experiment.iterations,
        series=[
            SuccessSeries(
                split=split,
                simulated=simulated,
                title=series_title(split, simulated),
                points=[_point(iteration, states) for iteration, states in sorted(by_iteration.items())],
            )
            for (split, simulated), by_iteration in sorted(
                counts.items(), key=lambda each: series_order(*each[0])
            )
        ],
    )


def rate_of(successes: int, failures: int) -> Rate:
    """k of n with its interval."""
    counted = SuccessRate(successes, successes + failures)
    low, high = counted.interval()
    return Rate(
        successes=counted.successes,
        trials=counted.trials,
        rate=counted.rate if counted.trials else None,
        low=low,
        high=high,
        few=counted.trials < FEW_TRIALS,
    )


def series_title(split: str, simulated: bool) -> str:
    """A series' name for people."""
    return f"{_REGIONS[split]}, {'simulated' if simulated else 'real'} robot"


def series_order(split: str, simulated: bool) -> tuple[bool, bool]:
    """Train regions first, real robots before simulated ones."""
    return split != "train", simulated


def _point(iteration: int, states: dict[str, int]) -> SuccessPoint:
    return SuccessPoint(
        iteration=iteration,
        **rate_of(states.get("success", 0), states.get("failure", 0)).model_dump(),
        unlabelled=states.get("unlabelled", 0),
        invalid=states.get("invalid", 0),
        pending=states.get("pending", 0),
    )
