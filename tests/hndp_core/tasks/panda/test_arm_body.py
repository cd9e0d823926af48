import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hndp_core.errors import InvalidSetting
from hndp_core.experiments.motion_oracle import below_table, bone_ends, self_collides
from hndp_core.robots.limits import PANDA_LIMITS
from hndp_core.tasks.arm_body import ArmRoom
from hndp_core.tasks.panda.arm_body import PandaBody

HOME = np.array([0.0, -np.pi / 4, 0.0, -3 * np.pi / 4, 0.0, np.pi / 2, np.pi / 4])
LOW, HIGH = PANDA_LIMITS.position_range()
BODY = PandaBody()


def _poses(seed: int, count: int = 200) -> np.ndarray:
    return np.random.default_rng(seed).uniform(LOW, HIGH, (count, 7))


def test_home_is_clear():
    assert BODY.first_conflict(HOME[None]) is None


@settings(deadline=None, max_examples=5)
@given(st.integers(0, 10_000))
@example(4094)  # finger tips 8 cm beside the column
def test_whatever_thin_bones_hit_the_whole_arm_hits(seed: int):
    """The oracle knows other kinematics, and parts that are thinner everywhere."""
    for pose in _poses(seed):
        if below_table(pose[None])[0] or self_collides(pose[None])[0]:
            assert BODY.first_conflict(pose[None]) is not None


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10_000))
def test_no_point_moves_farther_than_the_reach_says(seed: int):
    poses = _poses(seed, 50)
    points = bone_ends(poses)
    moved = np.linalg.norm(np.diff(points, axis=0), axis=-1).max(axis=1)
    assert (moved <= np.abs(np.diff(poses, axis=0)) @ BODY.reach_m).all()


def test_the_first_bad_row_is_named_whatever_is_wrong_with_it():
    rows = np.tile(HOME, (6, 1))
    rows[2, 1] = 1.7  # lies down on the table
    rows[4, 3] = -3.0  # folds onto itself
    conflict = BODY.first_conflict(rows)
    assert conflict is not None
    assert (conflict.row, conflict.quantity) == (2, "height")
    assert conflict.value_m < conflict.limit_m == BODY.room.table_m + BODY.room.clearance_m


def test_a_hand_that_is_folded_back_meets_the_arm():
    pose = np.array([0.0, -1.2, 0.0, -3.0, 0.0, 0.0, 0.0])
    conflict = PandaBody(ArmRoom(-3, 3, -3, 3, 3, table_m=-3)).first_conflict(pose[None])
    assert conflict is not None
    assert conflict.quantity.startswith("distance to link")
    assert conflict.value_m < conflict.limit_m


@pytest.mark.parametrize(
    ("room", "quantity"),
    [
        (ArmRoom(-0.5, 0.3, -0.7, 0.7, 1.2), "x"),
        (ArmRoom(-0.5, 1.0, -0.05, 0.7, 1.2), "y"),
        (ArmRoom(-0.5, 1.0, -0.7, 0.7, 0.5), "height"),
        (ArmRoom(-0.5, 1.0, -0.7, 0.7, 1.2, table_m=0.5), "height"),
    ],
)
def test_walls_and_table_are_where_the_room_says(room: ArmRoom, quantity: str):
    conflict = PandaBody(room).first_conflict(HOME[None])
    assert conflict is not None
    assert conflict.quantity == quantity


@pytest.mark.parametrize("values", [(1, 1, -1, 1, 1), (-1, 1, -1, 1, 0), (-1, np.nan, -1, 1, 1)])
def test_a_room_has_room(values: tuple[float, ...]):
    with pytest.raises(InvalidSetting, match="room"):
        ArmRoom(*values)


def test_a_clearance_leaves_some_room():
    with pytest.raises(InvalidSetting, match="clearance_m"):
        ArmRoom(-1, 1, -1, 1, 1, clearance_m=0.5)
