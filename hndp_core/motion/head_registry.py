"""Heads by their names in checkpoints."""

from collections.abc import Mapping
from typing import Any

from hndp_core.errors import UnknownName
from hndp_core.motion.authors import AuthorsHead
from hndp_core.motion.config import DmpConfig
from hndp_core.motion.fitted_dmp import FittedDmpHead
from hndp_core.motion.head import TrajectoryHead
from hndp_core.motion.layer import DmpLayer
from hndp_core.motion.points import PointsHead

_HEADS: dict[str, type[TrajectoryHead]] = {
    head.kind: head for head in (DmpLayer, PointsHead, FittedDmpHead, AuthorsHead)
}


def build_head(description: Mapping[str, Any]) -> TrajectoryHead:
    """The head that `TrajectoryHead.description` describes, uncalibrated.

    Raises:
        UnknownName: no head of that kind.
        InvalidSetting, TypeError: its arguments are not usable.
    """
    arguments = dict(description)
    kind = arguments.pop("kind", None)
    if kind not in _HEADS:
        raise UnknownName("head", str(kind), _HEADS)
    if "config" in arguments:
        arguments["config"] = DmpConfig(**arguments["config"])
    return _HEADS[kind](**arguments)
