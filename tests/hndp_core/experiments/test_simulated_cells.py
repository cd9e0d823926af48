"""What a cell in a process of its own makes, on real physics."""

from collections.abc import Iterator

import numpy as np
import pytest

from hndp_core.experiments.simulated_cells import SimulatedCells
from hndp_core.hierarchy.config import RefinementConfig
from hndp_core.hierarchy.local_experts import train_local_experts
from hndp_core.hierarchy.rollout_request import RolloutRequest
from hndp_core.policies.checkpoint import save_checkpoint
from hndp_core.tasks import get_task

REGIONS = get_task("scooping@clean").layout()[:1]
SEED = 5


@pytest.fixture(scope="module")
def cells() -> Iterator[SimulatedCells]:
    with SimulatedCells("scooping@clean", processes=1) as cells:
        yield cells


def test_several_demonstrations_of_a_region_start_with_the_one(cells):
    one, two = cells.demonstrations(REGIONS, SEED), cells.demonstrations(REGIONS, SEED, repeats=2)
    assert two.regions.tolist() == [1, 1]
    np.testing.assert_array_equal(two.trajectories[::2], one.trajectories)
    np.testing.assert_array_equal(two.images[::2], one.images)
    assert (two.trajectories[1::2] != one.trajectories).any(axis=(1, 2)).all()


def test_a_local_rollout_sees_what_it_would_see_if_it_moved(cells, tmp_path):
    shown = cells.demonstrations(REGIONS, SEED)
    config = RefinementConfig(local_steps=2, threads=1)
    policy = tmp_path / "local.safetensors"
    save_checkpoint(policy, train_local_experts(config, shown, None, None, seed=SEED))
    request = RolloutRequest("local", 1, REGIONS[0], policy, 0, SEED)
    (idle,) = cells.rollouts([request])
    (moved,) = cells.rollouts([_Moving(**{**vars(request), "purpose": "gate"})])
    assert idle.outcome is None
    assert moved.outcome is not None or moved.refusal is not None
    for name in ("image", "state", "start", "commanded"):
        np.testing.assert_array_equal(getattr(idle, name), getattr(moved, name), err_msg=name)


class _Moving(RolloutRequest):
    """A gate rollout in the scene of a local one."""

    @property
    def variation_seed(self) -> int:
        return RolloutRequest(**{**vars(self), "purpose": "local"}).variation_seed
