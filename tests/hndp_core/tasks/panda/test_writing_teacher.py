import numpy as np
import pytest

from hndp_core.robots.limits import PANDA_LIMITS
from hndp_core.tasks import get_task
from hndp_core.tasks.handwriting.card import Card
from hndp_core.tasks.handwriting.path_error import path_error_m
from hndp_core.tasks.handwriting.style import StyleRange, write
from hndp_core.tasks.panda.planar_kinematics import tool_pose
from hndp_core.tasks.panda.writing_objects import BOARD_TOP_M, PEN_TIP_IN_HAND_M, from_board, on_board
from hndp_core.tasks.panda.writing_teacher import WritingMotion, writing_path

from .planar_paths import check_limits

TASK = get_task("writing@clean")
HOME = np.array(TASK.home_joints)
CARDS = [Card.named(region.subject) for region in TASK.layout(held_out=0)]


def _path(card):
    stroke = on_board(write(card, StyleRange()).line_m)
    return writing_path(stroke, HOME, TASK.rollout_length, TASK.control_rate_hz)


def _tips(path):
    poses = np.array([tool_pose(joints, PEN_TIP_IN_HAND_M) for joints in path])
    bearing, r, z = poses[:, 0], poses[:, 1], poses[:, 2]
    return np.stack([r * np.cos(bearing), r * np.sin(bearing), z], axis=1)


@pytest.mark.parametrize("card", CARDS, ids=lambda card: str(card.digit))
def test_paths_are_well_inside_the_limits(card):
    assert check_limits(TASK, _path(card), margin_rad=0.3).max() < 0.03


@pytest.mark.parametrize("card", CARDS[::3], ids=lambda card: str(card.digit))
def test_the_tip_follows_the_stroke_while_it_is_down(card):
    tips = _tips(_path(card))
    down = tips[:, 2] < BOARD_TOP_M
    assert np.flatnonzero(down).size == np.ptp(np.flatnonzero(down)) + 1, "the pen is lifted once"
    assert path_error_m([from_board(tips[down, :2])], write(card, StyleRange()).line_m, 1.0) < 0.001
    assert tips[down, 2].min() == pytest.approx(BOARD_TOP_M - WritingMotion().press_m, abs=1e-6)


def test_path_starts_at_home_and_ends_high_above_the_board_part_of_the_way_back_at_rest():
    path = _path(CARDS[0])
    tips, home = _tips(path), _tips(np.array(HOME)[None])[0]
    np.testing.assert_allclose(path[0], HOME, atol=1e-4)
    np.testing.assert_allclose(path[-1], path[-5], atol=1e-6)
    assert tips[-1, 2] == pytest.approx(home[2], abs=1e-6)
    lifted_at = tips[np.flatnonzero(tips[:, 2] < BOARD_TOP_M)[-1], :2]
    back = (tips[-1, :2] - lifted_at) @ (home[:2] - lifted_at) / np.sum((home[:2] - lifted_at) ** 2)
    assert back == pytest.approx(WritingMotion().retreat_share, abs=0.05)


def test_a_learned_end_has_a_margin():
    """In the last second, where the pen goes up, half the limits of acceleration are enough."""
    for card in CARDS:
        joints = np.vstack([HOME, _path(card)])
        acceleration = np.diff(joints, n=2, axis=0) * TASK.control_rate_hz**2
        assert (np.abs(acceleration[-60:]).max(axis=0) < 0.5 * np.array(PANDA_LIMITS.acceleration)).all()


def test_a_sharp_bend_is_written_slowly():
    """Round a right angle the tip is less than half as fast as on the straight lines beside it."""
    begin, corner, end = np.array([[0.45, -0.05], [0.55, -0.05], [0.55, 0.05]])
    stroke = np.concatenate([np.linspace(begin, corner, 200), np.linspace(corner, end, 200)[1:]])
    path = writing_path(stroke, HOME, TASK.rollout_length, TASK.control_rate_hz)
    tips = _tips(path)[90:260]
    speed = np.linalg.norm(np.gradient(tips[:, :2], 1 / TASK.control_rate_hz, axis=0), axis=1)
    bend = np.argmin(np.linalg.norm(tips[:, :2] - corner, axis=1))
    assert speed[bend] < 0.5 * min(speed[:bend].max(), speed[bend:].max())
