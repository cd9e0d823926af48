"""Pouring (H-NDP Sec. V-C): pour almonds from the cup in the hand into a cup on the table."""

from math import pi
from typing import Final

import numpy as np
from jaxtyping import Float64

from hndp_core.tasks.guiding_words import GuidingWords
from hndp_core.tasks.ladder import ladder
from hndp_core.tasks.panda.forward_kinematics import tool_places
from hndp_core.tasks.rubric import Milestone, Rubric
from hndp_core.tasks.scene import Scene
from hndp_core.tasks.task import Task
from hndp_core.tasks.view import View
from hndp_core.tasks.workspace import Workspace

POURING_VIEW: Final = View((1.22, 0.0, 0.80), (0.52, 0.0, 0.16), 43.0)
"""Farther back than a table needs: the cup in the hand, held high at the start, is in the image too."""

_LIP_IN_HAND_M: Final = (0.05866, 0.16563)
"""(x, z) of the point of the rim over which the cup pours, in the hand's frame."""


class PouringTask(Task):
    """A Panda with a cup of almonds in its hand, and a target cup. State: the target's x, y [m]."""

    name = "pouring"
    title = "Pouring almonds"
    success_rule = "at least four fifths of the almonds are in the target cup at the end, none beside it"
    rubric = Rubric(
        milestones=(
            Milestone("reached the target cup", 0.25),
            Milestone("first almond in the target", 0.25),
            Milestone("half of them in the target", 0.25),
            Milestone("four fifths of them in the target, none beside", 0.25),
        ),
        failure_modes=(
            "missed the target cup",
            "hit the target cup",
            "tipped too little",
            "almonds beside the cup",
            "tipped too early",
            "tipped too late",
        ),
    )
    dof = 7
    rollout_length = 350
    control_rate_hz = 50.0
    workspace = Workspace(0.42, 0.58, -0.2, 0.2)
    scene_order = "Fill the hand's cup, and put the empty target cup where the reference picture shows it."
    camera_view = POURING_VIEW
    home_joints = (0.0, -0.7097, 0.0, -2.9368, 0.0, 3.3771, pi / 4)
    """The cup is upright, high over the middle of the workspace."""
    guiding = GuidingWords(
        tool="lip of the cup",
        plane="pouring height over the target",
        tilts="tips the cup or sets it upright",
        steps=(
            "Drag the lip of the cup over the target's near rim, tipping the cup half-way as it comes.",
            "Snap it to the pouring height.",
            "Tip the cup on, slowly, past level: the almonds run out over its lip.",
            "Keep it tipped until the cup is empty.",
        ),
    )
    state_size = 2
    train_regions = 16
    default_level = "cluttered"
    levels = ladder(default=default_level, tolerance=0.72)

    def tip_places(self, joints: Float64[np.ndarray, "rows 7"]) -> Float64[np.ndarray, "rows 3"]:
        """Return where the lip of the cup is [m]."""
        return tool_places(joints, _LIP_IN_HAND_M)

    def build_scene(self) -> Scene:
        """Build the MuJoCo scene.

        Raises:
            MissingGraphicsLibrary: no OpenGL to render with.
        """
        from hndp_core.tasks.panda.pouring_scene import PouringScene

        return PouringScene(self)
