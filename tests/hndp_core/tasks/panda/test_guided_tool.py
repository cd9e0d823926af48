"""Where each task's tool may be guided."""

import numpy as np
import pytest

from hndp_core.errors import InvalidSetting
from hndp_core.tasks import get_task
from hndp_core.tasks.panda.guided_tool import GuidedTool, ToolPose
from hndp_core.tasks.panda.planar_kinematics import tool_pose
from hndp_core.tasks.panda.pouring_objects import guided_cup, target_of
from hndp_core.tasks.panda.scooping_objects import ScoopingObjects
from hndp_core.tasks.panda.writing_objects import BOARD_TOP_M, GUIDED_PEN

SPOON = ScoopingObjects().guided_spoon
TOOLS = {"scooping": SPOON, "pouring": guided_cup(target_of(1.0)), "writing": GUIDED_PEN}


@pytest.mark.parametrize("task", TOOLS)
def test_the_arm_starts_in_the_room(task: str) -> None:
    tool = TOOLS[task]
    bearing, r, z, lean = tool_pose(np.array(get_task(task).home_joints), tool.point_in_hand_m)
    home = ToolPose(r * np.cos(bearing), r * np.sin(bearing), z, lean - tool.level_lean_rad)
    np.testing.assert_allclose(tool.within_room(home), home, atol=1e-12)
    assert tool.plane_m < home.z_m, "to snap to the plane is to come down"
    assert get_task(task).guiding is not None, "the page says how it is done"


def test_a_snapped_spoon_clears_the_bowl_and_a_snapped_pen_presses() -> None:
    assert SPOON.plane_m > ScoopingObjects().bowl.floor_top_m
    assert GUIDED_PEN.plane_m < BOARD_TOP_M


def test_what_is_wished_outside_is_brought_to_the_nearest_place() -> None:
    kept = SPOON.within_room(ToolPose(3.0, -3.0, -1.0, 2.0))
    assert kept == ToolPose(0.85, -0.45, SPOON.lowest_m, SPOON.greatest_tilt_rad)
    inside = ToolPose(0.5, 0.1, 0.2, 0.1)
    assert SPOON.within_room(inside) == inside
    assert SPOON.within_room(inside, snapped=True) == inside._replace(z_m=SPOON.plane_m)


def test_a_room_that_is_empty_is_refused() -> None:
    with pytest.raises(InvalidSetting, match="least_tilt_rad"):
        GuidedTool((0.0, 0.2), 0.0, 0.3, -0.3, 0.0, 0.1)
    with pytest.raises(InvalidSetting, match="plane_m"):
        GuidedTool((0.0, 0.2), 0.0, -0.3, 0.3, 0.1, 0.05)
