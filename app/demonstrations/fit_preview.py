"""How well a movement primitive can follow a demonstration: what the policies could learn of it at best.

The fit is the one by which the networks' outputs are scaled, by numpy alone: the web process loads no torch.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from app.experiments.models import Experiment
from hndp_core.hierarchy import RefinementConfig
from hndp_core.hierarchy.primitive import primitive_of
from hndp_core.motion import fit_dmp


@dataclass(frozen=True, eq=False)
class FitPreview:
    """A primitive fitted to one demonstration.

    Attributes:
        path: what it makes of the demonstration [rad].
        error_mrad: root mean square error of each joint.
    """

    path: Float64[np.ndarray, "steps dof"]
    error_mrad: tuple[float, ...]

    @property
    def worst(self) -> tuple[int, float]:
        """The joint that is followed worst, from 1, and its error [mrad]."""
        joint = int(np.argmax(self.error_mrad))
        return joint + 1, self.error_mrad[joint]


def fit_preview(
    experiment: Experiment, start: Float64[np.ndarray, " dof"], commands: Float64[np.ndarray, "steps dof"]
) -> FitPreview:
    """Fit the primitive that the experiment's settings ask for.

    Args:
        experiment: whose settings count.
        start: joints before row 0 [rad].
        commands: the demonstration [rad].
    """
    config = primitive_of(RefinementConfig(**experiment.settings), *commands.shape)
    fit = fit_dmp(config, start[None], commands[None])
    return FitPreview(fit.paths[0], tuple(float(each) for each in 1e3 * fit.error_rad[0]))
