import numpy as np
import pytest
import torch
from jaxtyping import Float
from torch import Tensor

from hndp_core.errors import InvalidSetting, ShapeMismatch
from hndp_core.motion import DmpConfig, DmpLayer, TrajectoryHead
from hndp_core.policies import EncoderConfig, VisuomotorPolicy, dump_checkpoint, prepare_images

SMALL = EncoderConfig(image_size=32, first_channels=4, second_channels=4, third_channels=4)
HOME = np.array([0.0, -0.785, 0.0, -2.356, 0.0, 1.571, 0.785])
IMAGE = np.random.default_rng(0).integers(0, 256, size=(32, 32, 3), dtype=np.uint8)


def build(seed: int = 0) -> VisuomotorPolicy:
    return VisuomotorPolicy(DmpLayer(DmpConfig()), SMALL, generator=torch.Generator().manual_seed(seed))


def test_plan_starts_at_the_true_joints_in_float64() -> None:
    plan = build().plan(IMAGE, HOME)
    assert plan.shape == (350, 7)
    assert plan.dtype == np.float64
    np.testing.assert_array_equal(plan[0], HOME)


def test_plan_is_the_forward_pass() -> None:
    policy = build()
    found = policy(prepare_images(IMAGE[None]), torch.tensor(HOME[None]).float())
    np.testing.assert_allclose(policy.plan(IMAGE, HOME), found[0].detach().numpy(), atol=1e-5)


def test_plan_at_another_rate_is_the_same_motion() -> None:
    policy = build()
    np.testing.assert_allclose(
        policy.plan(IMAGE, HOME, samples=175), policy.plan(IMAGE, HOME)[1::2], atol=1e-12
    )
    assert policy.plan(IMAGE, HOME, samples=701).shape == (701, 7)


def test_image_and_joints_both_matter() -> None:
    policy = build()
    images, joints = prepare_images(IMAGE[None]), torch.tensor(HOME[None]).float()
    other_image, other_joints = policy.outputs(1 - images, joints), policy.outputs(images, joints + 0.1)
    assert (policy.outputs(images, joints) - other_image).abs().max() > 1e-5
    assert (policy.outputs(images, joints) - other_joints).abs().max() > 1e-5


def test_training_moves_every_parameter_also_after_a_plan() -> None:
    policy = build()
    policy.plan(IMAGE, HOME, samples=100)
    policy(prepare_images(IMAGE[None]), torch.tensor(HOME[None]).float()).square().sum().backward()
    for name, parameter in policy.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.any(), name


def test_same_seed_same_bits() -> None:
    assert dump_checkpoint(build(3)) == dump_checkpoint(build(3))
    assert dump_checkpoint(build(3)) != dump_checkpoint(build(4))


def test_refuses_other_sizes() -> None:
    with pytest.raises(ShapeMismatch, match=r"image has shape \(96, 96, 3\), expected \(32, 32, 3\)"):
        build().plan(np.zeros((96, 96, 3), dtype=np.uint8), HOME)
    with pytest.raises(ShapeMismatch, match="joints"):
        build().plan(IMAGE, np.zeros(6))
    with pytest.raises(InvalidSetting, match="hidden"):
        VisuomotorPolicy(DmpLayer(DmpConfig()), SMALL, hidden=0, generator=torch.Generator())


class StraightLine(TrajectoryHead):
    """A head without a primitive: a straight line to the joints that the network gives."""

    kind = "straight_line"
    dof, rollout_length, outputs = 2, 4, 2

    def description(self) -> dict[str, object]:
        return {"kind": self.kind}

    def calibrate(self, starts: np.ndarray, trajectories: np.ndarray) -> None:
        """Nothing to scale."""

    def trajectory(
        self,
        outputs: Float[Tensor, "*batch outputs"],
        start: Float[Tensor, "*batch dof"],
        start_velocity: Float[Tensor, "*batch dof"] | None = None,
    ) -> Float[Tensor, "*batch time dof"]:
        share = torch.arange(1, 5)[:, None] / 4
        return start[..., None, :] + share * (outputs - start)[..., None, :]


def test_the_body_takes_any_head() -> None:
    policy = VisuomotorPolicy(StraightLine(), SMALL, hidden=5, generator=torch.Generator().manual_seed(0))
    plan = policy.plan(IMAGE, np.array([1.0, -1.0]))
    np.testing.assert_allclose(np.diff(plan, n=2, axis=0), 0, atol=1e-12)
    assert plan.shape == (4, 2)
