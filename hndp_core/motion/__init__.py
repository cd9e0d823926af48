"""Dynamic movement primitives: clock, basis, forcing, integration, and the layer that networks end in.

What needs torch is imported when it is first asked for, so that a motion can be fitted where no network runs:
the web process shows such fits.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from hndp_core.motion.basis import GaussianBasis
from hndp_core.motion.canonical_system import CanonicalSystem
from hndp_core.motion.closed_form import ClosedForm
from hndp_core.motion.config import BasisLayout, DmpConfig, Forcing
from hndp_core.motion.fit import DmpFit, fit_dmp
from hndp_core.motion.orthonormal_basis import OrthonormalBasis
from hndp_core.motion.output_scaling import Scaling
from hndp_core.motion.robust_scale import median_and_spread

if TYPE_CHECKING:
    from hndp_core.motion.authors import AUTHORS_OUTPUT_FACTOR, AUTHORS_START_VELOCITY, AuthorsHead
    from hndp_core.motion.closed_form_motion import closed_form_rollout
    from hndp_core.motion.fitted_dmp import FittedDmpHead
    from hndp_core.motion.head import TrajectoryHead
    from hndp_core.motion.head_registry import build_head
    from hndp_core.motion.layer import DmpLayer, DmpParameters
    from hndp_core.motion.points import PointsHead
    from hndp_core.motion.resampling import resample
    from hndp_core.motion.transformation import euler_rollout

_NEEDS_TORCH: Final = {
    "AUTHORS_OUTPUT_FACTOR": "authors",
    "AUTHORS_START_VELOCITY": "authors",
    "AuthorsHead": "authors",
    "DmpLayer": "layer",
    "DmpParameters": "layer",
    "FittedDmpHead": "fitted_dmp",
    "PointsHead": "points",
    "TrajectoryHead": "head",
    "build_head": "head_registry",
    "closed_form_rollout": "closed_form_motion",
    "euler_rollout": "transformation",
    "resample": "resampling",
}
"""Modules by the names that they export."""

__all__ = [
    "AUTHORS_OUTPUT_FACTOR",
    "AUTHORS_START_VELOCITY",
    "AuthorsHead",
    "BasisLayout",
    "CanonicalSystem",
    "ClosedForm",
    "DmpConfig",
    "DmpFit",
    "DmpLayer",
    "DmpParameters",
    "FittedDmpHead",
    "Forcing",
    "GaussianBasis",
    "OrthonormalBasis",
    "PointsHead",
    "Scaling",
    "TrajectoryHead",
    "build_head",
    "closed_form_rollout",
    "euler_rollout",
    "fit_dmp",
    "median_and_spread",
    "resample",
]


def __getattr__(name: str) -> Any:
    if name not in _NEEDS_TORCH:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_NEEDS_TORCH[name]}"), name)
