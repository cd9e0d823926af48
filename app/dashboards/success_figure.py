"""Success rates by iteration, for train and held-out regions apart (H-NDP Fig. 6)."""

from collections import defaultdict
from typing import Final

from app.dashboards.repository import DashboardRepository
from app.dashboards.schemas import Split, SuccessFigure, SuccessPoint, SuccessSeries
from hndp_core.evaluation.success_rate import SuccessRate

FEW_TRIALS: Final = 10
"""Below this number of counted trials a rate is drawn grey."""

_SPLITS: Final[dict[str, Split]] = {"gate": "train", "held_out": "held_out"}
_REGIONS: Final = {"train": "Train regions", "held_out": "Held-out regions"}


def success_figure(repository: DashboardRepository) -> SuccessFigure:
    """Count every series of trials that may be pooled; see `counting` for what counts.

    Raises:
        NotFound: no such experiment.
    """
    experiment = repository.experiment()
    counts: dict[tuple[Split, bool], dict[int, dict[str, int]]] = defaultdict(lambda: defaultdict(dict))
    for each in repository.state_counts():
        counts[_SPLITS[each.purpose], each.simulated][each.iteration][each.state] = each.count
    return SuccessFigure(
        planned_iterations=experiment.iterations,
        series=[
            SuccessSeries(
                split=split,
                simulated=simulated,
                title=f"{_REGIONS[split]}, {'simulated' if simulated else 'real'} robot",
                points=[_point(iteration, states) for iteration, states in sorted(by_iteration.items())],
            )
            for (split, simulated), by_iteration in sorted(counts.items(), key=lambda each: _order(*each[0]))
        ],
    )


def _order(split: Split, simulated: bool) -> tuple[bool, bool]:
    return split != "train", simulated


def _point(iteration: int, states: dict[str, int]) -> SuccessPoint:
    successes = states.get("success", 0)
    rate = SuccessRate(successes, successes + states.get("failure", 0))
    low, high = rate.interval()
    return SuccessPoint(
        iteration=iteration,
        successes=rate.successes,
        trials=rate.trials,
        rate=rate.successes / rate.trials if rate.trials else None,
        low=low,
        high=high,
        few=rate.trials < FEW_TRIALS,
        unlabelled=states.get("unlabelled", 0),
        invalid=states.get("invalid", 0),
        pending=states.get("pending", 0),
    )
