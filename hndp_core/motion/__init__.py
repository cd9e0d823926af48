"""Dynamic movement primitives: clock, basis, forcing, integration, and the layer that networks end in."""

from hndp_core.motion.authors import AUTHORS_OUTPUT_FACTOR, AUTHORS_START_VELOCITY, AuthorsHead
from hndp_core.motion.basis import GaussianBasis
from hndp_core.motion.canonical_system import CanonicalSystem
from hndp_core.motion.closed_form import ClosedForm
from hndp_core.motion.config import BasisLayout, DmpConfig, Forcing
from hndp_core.motion.fit import DmpFit, fit_dmp
from hndp_core.motion.fitted_dmp import FittedDmpHead
from hndp_core.motion.forcing_term import forcing_term
from hndp_core.motion.head import TrajectoryHead
from hndp_core.motion.head_registry import build_head
from hndp_core.motion.layer import DmpLayer, DmpParameters
from hndp_core.motion.orthonormal_basis import OrthonormalBasis
from hndp_core.motion.output_scaling import Scaling
from hndp_core.motion.points import PointsHead
from hndp_core.motion.resampling import resample
from hndp_core.motion.robust_scale import median_and_spread
from hndp_core.motion.transformation import euler_rollout

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
    "euler_rollout",
    "fit_dmp",
    "forcing_term",
    "median_and_spread",
    "resample",
]
