"""How long the global policy takes from an image to a trajectory."""

import time

import numpy as np
from jaxtyping import Float64, UInt8

from hndp_core.learning.optimise import torch_threads
from hndp_core.policies.contracts import GlobalPolicy

WARM_UP, CALLS = 20, 1000


def inference_ms(
    policy: GlobalPolicy,
    image: UInt8[np.ndarray, "height width 3"],
    joints: Float64[np.ndarray, " dof"],
    *,
    calls: int = CALLS,
) -> Float64[np.ndarray, " call"]:
    """Time of each call on one core, after a warm-up [ms]."""
    times = np.empty(WARM_UP + calls)
    with torch_threads(1):
        for call in range(len(times)):
            began = time.perf_counter()
            policy.plan(image, joints)
            times[call] = time.perf_counter() - began
    return 1e3 * times[WARM_UP:]
