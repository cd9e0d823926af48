"""Scooping (H-NDP Sec. V-B): lift at least one almond out of a bowl with a spoon."""

from math import cos, pi, sin
from typing import Final

import numpy as np
from jaxtyping import Float64

from hndp_core.tasks.guiding_words import GuidingWords
from hndp_core.tasks.ladder import ladder
from hndp_core.tasks.panda.forward_kinematics import tool_places
from hndp_core.tasks.rubric import Milestone, Rubric
from hndp_core.tasks.scene import Scene
from hndp_core.tasks.task import Task
from hndp_core.tasks.view import TABLE_VIEW
from hndp_core.tasks.workspace import Workspace

# The lip of the spoon in the hand's frame: the spoon's back is on the hand's axis, its floor level at a lean.
_SPOON_LENGTH_M: Final = 0.054
_SPOON_BACK_M: Final = 0.18
_SPOON_LEAN_RAD: Final = 0.35


class ScoopingTask(Task):
    """A Panda with a spoon on its hand, and a bowl of almonds on the table. State: the bowl's x, y [m].

    Attributes:
        least_almonds: as many make a success; 1 as in the paper, 2 at a level that forgives less.
    """

    name = "scooping"
    title = "Scooping almonds"
    success_rule = "at least one almond is in the raised spoon at the end"
    rubric = Rubric(
        milestones=(
            Milestone("reached the bowl", 0.25),
            Milestone("spoon in the bowl", 0.25),
            Milestone("almond lifted", 0.25),
            Milestone("almond kept", 0.25),
        ),
        failure_modes=(
            "missed the bowl",
            "hit the rim",
            "too high over the almonds",
            "nothing slid onto the spoon",
            "almonds fell off",
            "too few almonds",
        ),
    )
    dof = 7
    rollout_length = 350
    control_rate_hz = 50.0
    workspace = Workspace(0.45, 0.75, -0.2, 0.2)
    scene_order = "Fill the bowl with almonds, and put it where the reference picture shows it."
    camera_view = TABLE_VIEW
    home_joints = (0.0, -pi / 4, 0.0, -3 * pi / 4, 0.0, pi / 2, pi / 4)
    guiding = GuidingWords(
        tool="lip of the spoon",
        plane="floor of the bowl",
        tilts="lip down or up",
        steps=(
            "Drag the lip over the middle of the bowl, with the lip tilted down.",
            "Snap it down into the bowl.",
            "Drag it on, away from the robot, to the far wall of the bowl: almonds slide onto the spoon.",
            "Tilt the lip up until the spoon carries them.",
            "Let go of the plane, and raise the spoon well above the bowl.",
        ),
    )
    state_size = 2
    default_level = "cluttered"
    levels = ladder(default=default_level, tolerance=0.62)

    least_almonds: int = 1

    def __init__(self, level: str | None = None) -> None:
        super().__init__(level)
        if self.level.tolerance < 1:
            self.least_almonds = 2
            self.success_rule = "at least two almonds are in the raised spoon at the end"

    def tip_places(self, joints: Float64[np.ndarray, "rows 7"]) -> Float64[np.ndarray, "rows 3"]:
        """Return where the lip of the spoon is [m]."""
        return tool_places(joints, self._lip_in_hand_m())

    def build_scene(self) -> Scene:
        """Build the MuJoCo scene.

        Raises:
            MissingGraphicsLibrary: no OpenGL to render with.
        """
        from hndp_core.tasks.panda.scooping_scene import ScoopingScene

        return ScoopingScene(self, self.least_almonds)

    def _lip_in_hand_m(self) -> tuple[float, float]:
        length_m = _SPOON_LENGTH_M * self.level.tolerance
        return length_m * cos(_SPOON_LEAN_RAD), _SPOON_BACK_M + length_m * sin(_SPOON_LEAN_RAD)
