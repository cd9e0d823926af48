"""The way that is checked, on an arm whose shape is one number: joint 1 as a height."""

import numpy as np
import pytest

from hndp_core.errors import TrajectoryRefused
from hndp_core.robots.workspace import check_workspace
from hndp_core.tasks.arm_body import ArmBody, ArmRoom, Conflict

RATE_HZ = 50.0


class Floor(ArmBody):
    """Its finger is as high as joint 1 is turned, and must stay above 0."""

    def __init__(self) -> None:
        self.room = ArmRoom(-1, 1, -1, 1, 1)
        self.reach_m = np.array([1.0, 0.5])
        self.seen: list[np.ndarray] = []

    def first_conflict(self, joints: np.ndarray) -> Conflict | None:
        self.seen.extend(joints)
        low = np.flatnonzero(joints[:, 0] < 0)
        if len(low) == 0:
            return None
        return Conflict(int(low[0]), "finger", "height", float(joints[low[0], 0]), 0.0)


def _rows(*heights: float) -> np.ndarray:
    return np.stack([np.array(heights), np.zeros(len(heights))], axis=1)


def test_poses_follow_closely_and_every_row_is_among_them():
    body = Floor()
    rows = np.array([[0.5, 0.0], [0.5, 0.001], [0.1, -0.3], [0.9, 0.4]])
    check_workspace(rows, RATE_HZ, body)
    seen = np.array(body.seen[1:])  # the start is looked at on its own, too
    assert (np.abs(np.diff(seen, axis=0)) @ body.reach_m <= 2 * body.room.clearance_m + 1e-12).all()
    for row in rows:
        assert np.abs(seen - row).max(axis=1).min() < 1e-12


def test_what_is_hit_between_two_rows_is_found():
    class Bar(Floor):
        """A bar between two heights."""

        def first_conflict(self, joints: np.ndarray) -> Conflict | None:
            hit = np.flatnonzero(np.abs(joints[:, 0] - 0.5) < self.room.clearance_m)
            return Conflict(int(hit[0]), "finger", "distance to the bar", 0.0, 0.01) if len(hit) else None

    with pytest.raises(TrajectoryRefused) as caught:
        check_workspace(_rows(0.2, 0.3, 0.7, 0.8), RATE_HZ, Bar())
    assert caught.value.part == "finger"
    assert 1 / RATE_HZ < caught.value.time_s < 2 / RATE_HZ
    assert "finger at 0.03 s has distance to the bar 0 m, the limit is 0.01 m" in str(caught.value)
    assert not caught.value.too_fast


def test_long_ways_are_checked_to_their_end():
    heights = np.append(np.full(3000, 0.5), [0.2, -0.1])
    with pytest.raises(TrajectoryRefused) as caught:
        check_workspace(_rows(*heights), RATE_HZ, Floor())
    assert 3000 / RATE_HZ < caught.value.time_s <= 3001 / RATE_HZ


def test_an_arm_that_was_led_too_far_may_leave():
    check_workspace(_rows(-0.1, -0.09, -0.05, 0.2), RATE_HZ, Floor())


@pytest.mark.parametrize(
    "heights", [(-0.1, -0.11, 0.2), (-0.1, -0.05, -0.02), (-0.1, 0.2, -0.1)], ids=["on", "stays", "returns"]
)
def test_but_it_must_leave_and_not_come_back(heights: tuple[float, ...]):
    with pytest.raises(TrajectoryRefused):
        check_workspace(_rows(*heights), RATE_HZ, Floor())
