"""What every dynamic movement primitive must do, whatever its parameters."""

from functools import partial
from itertools import pairwise

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from hndp_core.motion import ClosedForm, DmpConfig, Forcing, closed_form_rollout, euler_rollout

SHORT = DmpConfig(dof=2, basis=8, rollout_length=120)
SHORT_GOAL_SCALED = DmpConfig(dof=2, basis=8, rollout_length=120, forcing="goal_scaled")
number = st.floats(-3, 3)


def vectors(size: int, bound: float = 3.0) -> st.SearchStrategy[Tensor]:
    numbers = st.lists(st.floats(-bound, bound), min_size=size, max_size=size)
    return numbers.map(lambda values: torch.tensor(values, dtype=torch.float64))


weights = vectors(16, 1000.0).map(lambda flat: flat.reshape(2, 8))
configs = st.sampled_from([SHORT, SHORT_GOAL_SCALED])
properties = settings(max_examples=40, deadline=None, derandomize=True)


@properties
@given(configs, weights, vectors(2), vectors(2), vectors(2), number)
def test_moving_start_and_goal_moves_the_whole_motion(
    config: DmpConfig, w: Tensor, goal: Tensor, start: Tensor, velocity: Tensor, shift: float
) -> None:
    rollout = partial(closed_form_rollout, config)
    moved = rollout(w, goal + shift, start + shift, velocity)
    torch.testing.assert_close(moved, rollout(w, goal, start, velocity) + shift, rtol=0, atol=1e-9)


@properties
@given(configs, weights, weights, vectors(2), vectors(2), vectors(2), number)
def test_motion_is_affine_in_the_weights(
    config: DmpConfig,
    first: Tensor,
    second: Tensor,
    goal: Tensor,
    start: Tensor,
    velocity: Tensor,
    share: float,
) -> None:
    rollout = partial(closed_form_rollout, config)
    blend = rollout(share * first + (1 - share) * second, goal, start, velocity)
    expected = share * rollout(first, goal, start, velocity)
    expected = expected + (1 - share) * rollout(second, goal, start, velocity)
    torch.testing.assert_close(blend, expected, rtol=0, atol=1e-9)


@properties
@given(weights, vectors(2))
def test_goal_scaled_motion_with_goal_at_start_stays(w: Tensor, start: Tensor) -> None:
    motion = closed_form_rollout(SHORT_GOAL_SCALED, w, start, start, torch.zeros_like(start))
    assert torch.equal(motion, start.expand(120, 2))


@properties
@given(weights, vectors(2), vectors(2), st.floats(0.1, 10))
def test_goal_scaled_motion_grows_with_the_distance_to_the_goal(
    w: Tensor, start: Tensor, span: Tensor, factor: float
) -> None:
    rollout, still = partial(closed_form_rollout, SHORT_GOAL_SCALED), torch.zeros_like(start)
    one = rollout(w, start + span, start, still) - start
    scaled = rollout(w, start + factor * span, start, still) - start
    torch.testing.assert_close(scaled, factor * one, rtol=0, atol=1e-8)


@pytest.mark.parametrize("forcing", ["unscaled", "goal_scaled"])
def test_goal_is_reached_as_the_phase_decays(forcing: Forcing) -> None:
    config = DmpConfig(forcing=forcing)
    generator = torch.Generator().manual_seed(0)
    w = 1000 * torch.randn(7, 30, generator=generator, dtype=torch.float64)
    goal, start, velocity = torch.randn(3, 7, generator=generator, dtype=torch.float64)
    far = euler_rollout(config, w, goal, start, velocity, steps=25 * config.rollout_length)
    distance = (far - goal).abs().amax(dim=-1)
    assert distance[config.rollout_length - 1] > 0.1
    assert distance[-1] < 1e-7
    # From then on the distance shrinks as the phase does: by e in each of the primitive's time units.
    later = distance[20 * config.rollout_length :: config.rollout_length]
    torch.testing.assert_close(later[1:] / later[:-1], torch.full_like(later[1:], 0.367), rtol=0, atol=0.01)


def test_without_forcing_a_high_gain_reaches_the_goal_within_the_rollout() -> None:
    lacking = {}
    for gain in (5.0, 10.0, 15.0, 60.0):
        config = DmpConfig(dof=1, attractor_gain=gain, rollout_length=2000)
        lacking[gain] = 1 - float(ClosedForm.of(config).span_response[-1])
    # exp(-a / 2) (1 + a / 2): the critically damped response after one time unit.
    assert lacking[5.0] == pytest.approx(0.287, abs=0.002)
    assert lacking[10.0] == pytest.approx(0.040, abs=0.002)
    assert lacking[15.0] == pytest.approx(0.005, abs=0.002)
    assert lacking[60.0] < 1e-10


@pytest.mark.parametrize("forcing", ["unscaled", "goal_scaled"])
def test_same_parameters_over_more_steps_are_the_same_curve_in_time(forcing: Forcing) -> None:
    generator = torch.Generator().manual_seed(0)
    w = 100 * torch.randn(7, 10, generator=generator, dtype=torch.float64)
    goal, start, velocity = torch.randn(3, 7, generator=generator, dtype=torch.float64)
    curves = []
    for doubling in range(4):
        config = DmpConfig(basis=10, forcing=forcing, rollout_length=200 * 2**doubling)
        curves.append(closed_form_rollout(config, w, goal, start, velocity)[2**doubling - 1 :: 2**doubling])
    gaps = [float((fine - coarse).abs().max()) for coarse, fine in pairwise(curves)]
    # Explicit Euler is of first order: half the step, half the gap.
    assert gaps[1] / gaps[0] == pytest.approx(0.5, abs=0.05)
    assert gaps[2] / gaps[1] == pytest.approx(0.5, abs=0.05)
