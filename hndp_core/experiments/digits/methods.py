"""The compared methods, one record each."""

from collections.abc import Callable
from dataclasses import dataclass

from hndp_core.experiments.digits.network import Recipe
from hndp_core.experiments.digits.pen import SAMPLES
from hndp_core.motion import (
    AuthorsHead,
    DmpConfig,
    DmpLayer,
    FittedDmpHead,
    PointsHead,
    Scaling,
    TrajectoryHead,
)

STEPS = SAMPLES - 1
BASIS = 30
UNSCALED = DmpConfig(dof=2, basis=BASIS, rollout_length=STEPS)
GOAL_SCALED = DmpConfig(dof=2, basis=BASIS, rollout_length=STEPS, forcing="goal_scaled")


@dataclass(frozen=True)
class Method:
    """All methods are given the true start, see the same minibatches and take as many steps.

    Attributes:
        title: for people
        recipe: of the body and its training: "authors" is raw outputs at a constant learning rate,
            "conditioned" scaled outputs, a small last layer and a cosine schedule
        head: makes what the outputs stand for
    """

    title: str
    recipe: Recipe
    head: Callable[[], TrajectoryHead]


# All positions are px here, where the heads' own documentation speaks of rad.
_LEAST_SCALE_PX = 1e-4


def _points(scaling: Scaling) -> TrajectoryHead:
    return PointsHead(2, STEPS, scaling=scaling, least_scale=_LEAST_SCALE_PX)


METHODS: dict[str, Method] = {
    "cnn_raw": Method("CNN, points", "authors", lambda: _points("none")),
    "cnn": Method("CNN, points, well conditioned", "conditioned", lambda: _points("deviation")),
    "cnn_dmp_raw": Method("CNN-DMP", "authors", lambda: FittedDmpHead(UNSCALED, scaling="none")),
    "cnn_dmp": Method(
        "CNN-DMP, well conditioned", "conditioned", lambda: FittedDmpHead(UNSCALED, scaling="deviation")
    ),
    "ndp_authors": Method("NDP, as its authors have it", "authors", lambda: AuthorsHead(GOAL_SCALED)),
    "ndp": Method("NDP, this project's", "conditioned", lambda: DmpLayer(UNSCALED)),
}
