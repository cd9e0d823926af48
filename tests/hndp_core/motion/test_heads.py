"""Every head keeps the contract of `TrajectoryHead`; what is special to one is tested below."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from hndp_core.errors import UnknownName
from hndp_core.motion import (
    AuthorsHead,
    DmpConfig,
    DmpLayer,
    FittedDmpHead,
    PointsHead,
    TrajectoryHead,
    build_head,
    euler_rollout,
)

STEPS, DOF = 60, 2
DMP = DmpConfig(dof=DOF, basis=8, rollout_length=STEPS)
GOAL_SCALED = replace(DMP, forcing="goal_scaled")


def heads() -> list[TrajectoryHead]:
    return [
        DmpLayer(DMP),
        DmpLayer(GOAL_SCALED),
        PointsHead(DOF, STEPS, scaling="none", least_scale=0.02),
        PointsHead(DOF, STEPS, scaling="deviation", least_scale=0.02),
        PointsHead(DOF, STEPS, scaling="robust", least_scale=0.02),
        FittedDmpHead(DMP, scaling="none"),
        FittedDmpHead(DMP, scaling="robust"),
        AuthorsHead(GOAL_SCALED),
    ]


every_head = pytest.mark.parametrize(
    "head", heads(), ids=lambda head: f"{head.kind}-{'scaled' if head.conditioned else 'raw'}"
)


def demonstrations(count: int = 7, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Smooth ways from different starts to different ends."""
    generator = np.random.default_rng(seed)
    time = np.arange(1, STEPS + 1)[:, None] / STEPS
    starts = generator.normal(size=(count, DOF))
    ends = generator.normal(size=(count, 1, DOF))
    bends = generator.normal(size=(count, 1, DOF)) * np.sin(np.pi * time) ** 2
    return starts, starts[:, None] + (3 * time**2 - 2 * time**3) * ends + 0.2 * bends


def some_outputs(head: TrajectoryHead, count: int = 3) -> torch.Tensor:
    scale = 1.0 if head.conditioned else 1e-2
    generator = torch.Generator().manual_seed(0)
    return scale * torch.randn(count, head.outputs, generator=generator, dtype=torch.float64)


@every_head
def test_its_gradients_are_right(head: TrajectoryHead):
    starts, trajectories = demonstrations()
    head.calibrate(starts, trajectories)
    outputs = some_outputs(head, 1).requires_grad_()
    start = torch.from_numpy(starts[:1]).requires_grad_()
    targets = head.targets(starts, trajectories)[:1].double()
    assert torch.autograd.gradcheck(head.trajectory, (outputs, start), atol=1e-4)
    assert torch.autograd.gradcheck(lambda each: head.error(each, start, targets), outputs, atol=1e-4)


@every_head
def test_its_description_builds_it_again(head: TrajectoryHead):
    head.calibrate(*demonstrations())
    again = build_head(head.description())
    assert again.description() == head.description()
    again.load_state_dict(head.state_dict())
    outputs, start = some_outputs(head), torch.zeros(3, DOF, dtype=torch.float64)
    assert torch.equal(again(outputs, start), head(outputs, start))


@every_head
def test_the_error_is_the_mean_square_of_the_residuals(head: TrajectoryHead):
    starts, trajectories = demonstrations()
    head.calibrate(starts, trajectories)
    outputs, start = some_outputs(head, 7), torch.from_numpy(starts)
    targets = head.targets(starts, trajectories)
    residuals = head.residuals(outputs, start, targets)
    torch.testing.assert_close(head.error(outputs, start, targets), residuals.square().flatten(1).mean(dim=1))


@pytest.mark.parametrize("kind", ["spline", None])
def test_an_unknown_head_lists_the_known_ones(kind: str | None):
    with pytest.raises(UnknownName, match=r"authors, dmp, fitted_dmp, points"):
        build_head({"kind": kind})


@given(goal=st.floats(-2.0, 2.0), start=st.floats(-2.0, 2.0), seed=st.integers(0, 1000))
@settings(max_examples=20, deadline=None)
def test_raw_and_conditioned_heads_represent_the_same_motions(goal: float, start: float, seed: int):
    """One primitive's motion, read off by the head of points, is the same whatever the scales."""
    generator = torch.Generator().manual_seed(seed)
    weights = 20 * torch.randn(1, DOF, 8, generator=generator, dtype=torch.float64)
    starts, goals = torch.full((1, DOF), start).double(), torch.full((1, DOF), goal).double()
    motion = euler_rollout(DMP, weights, goals, starts, torch.zeros_like(starts))
    shown = demonstrations()
    for scaling in ("none", "deviation", "robust"):
        points = PointsHead(DOF, STEPS, scaling=scaling, least_scale=0.02)  # type: ignore[arg-type]
        points.calibrate(*shown)
        outputs = points.outputs_of(starts.numpy(), motion.numpy()).double()
        torch.testing.assert_close(points(outputs, starts), motion, rtol=0, atol=1e-5)
        fitted = FittedDmpHead(DMP, scaling=scaling)  # type: ignore[arg-type]
        fitted.calibrate(*shown)
        parameters = torch.cat([weights, goals[..., None]], dim=-1)
        outputs = ((parameters - fitted.centre) / fitted.scale).flatten(1)
        torch.testing.assert_close(fitted(outputs, starts), motion, rtol=0, atol=1e-9)


def test_points_are_displacements_from_the_start():
    raw = PointsHead(DOF, STEPS, scaling="none", least_scale=0.02)
    raw.calibrate(*demonstrations())
    start = torch.tensor([[3.0, 4.0]])
    shown = raw(torch.zeros(1, raw.outputs), start)
    assert torch.equal(shown, start[:, None].expand(1, STEPS, DOF))


def test_scaled_points_read_the_typical_demonstration_at_zero_and_its_spread_at_one():
    starts, trajectories = demonstrations()
    moved = trajectories - starts[:, None]
    start = torch.zeros(1, DOF, dtype=torch.float64)
    for scaling, centre in (("deviation", moved.mean(axis=0)), ("robust", np.median(moved, axis=0))):
        head = PointsHead(DOF, STEPS, scaling=scaling, least_scale=0.02)  # type: ignore[arg-type]
        head.calibrate(starts, trajectories)
        shown = head(torch.zeros(1, head.outputs).double(), start)[0]
        np.testing.assert_allclose(shown, centre, atol=1e-12)
        spread = (head(torch.ones(1, head.outputs).double(), start)[0] - shown).numpy()
        assert spread.min() == pytest.approx(0.02)
        if scaling == "deviation":
            np.testing.assert_allclose(spread, np.maximum(moved.std(axis=0), 0.02), atol=1e-12)


def test_of_one_demonstration_zero_is_that_demonstration():
    starts, trajectories = demonstrations(1)
    head = PointsHead(DOF, STEPS, scaling="robust", least_scale=0.02)
    head.calibrate(starts, trajectories)
    found = head(torch.zeros(1, head.outputs).double(), torch.from_numpy(starts))
    np.testing.assert_allclose(found.numpy(), trajectories, atol=1e-12)


def test_one_wild_demonstration_does_not_move_a_robust_scale_far():
    starts, trajectories = demonstrations(9)
    head = PointsHead(DOF, STEPS, scaling="robust", least_scale=0.02)
    head.calibrate(starts[1:], trajectories[1:])
    before = head.scale.clone()
    head.calibrate(starts, np.concatenate([trajectories[:1] + 100.0, trajectories[1:]]))
    assert (head.scale / before).max() < 4


@pytest.mark.parametrize("scaling", ["none", "robust"])
def test_fitted_parameters_reproduce_the_motions_and_their_error_is_zero_for_them_alone(scaling):
    starts, trajectories = demonstrations()
    head = FittedDmpHead(DMP, scaling=scaling)
    head.calibrate(starts, trajectories)
    targets, start = head.targets(starts, trajectories), torch.from_numpy(starts).float()
    outputs = targets.flatten(1)
    found = head(outputs, start).numpy()
    assert np.sqrt(np.mean((found - trajectories) ** 2)) < 0.02
    assert not head.error(outputs, start, targets).any()
    for number in range(0, head.outputs, 5):
        changed = outputs.clone()
        changed[:, number] += 0.1
        assert (head.error(changed, start, targets) > 0).all()


def test_scaled_parameters_are_of_the_order_of_one_and_raw_ones_are_not():
    shown = demonstrations()
    raw, scaled = (FittedDmpHead(DMP, scaling=scaling) for scaling in ("none", "deviation"))
    for head in (raw, scaled):
        head.calibrate(*shown)
    assert scaled.targets(*shown).std(dim=0, correction=0).mean().item() == pytest.approx(1, abs=0.05)
    assert raw.targets(*shown).std(dim=0).max() > 20


def test_the_authors_head_is_their_unrolled_integrator():
    head = AuthorsHead(GOAL_SCALED)
    outputs, start = some_outputs(head), torch.full((3, DOF), 0.3).double()
    assert head.outputs == DOF * 10
    weights = 1000 * outputs[:, DOF : DOF * 9].unflatten(1, (DOF, 8))
    goal = 1000 * outputs[:, :DOF]
    expected = euler_rollout(GOAL_SCALED, weights, goal, start, torch.full_like(start, 0.01))
    torch.testing.assert_close(head(outputs, start), expected, rtol=1e-9, atol=1e-9)
    head.calibrate(start.numpy(), expected.numpy())
    torch.testing.assert_close(head(outputs, start), expected, rtol=1e-9, atol=1e-9)
