"""Scooping (H-NDP Sec. V-B): lift at least one almond out of a bowl with a spoon."""

from math import pi

from hndp_core.tasks.guiding_words import GuidingWords
from hndp_core.tasks.ladder import ladder
from hndp_core.tasks.rubric import Milestone, Rubric
from hndp_core.tasks.scene import Scene
from hndp_core.tasks.task import Task
from hndp_core.tasks.workspace import Workspace


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

    def build_scene(self) -> Scene:
        """Build the MuJoCo scene.

        Raises:
            MissingGraphicsLibrary: no OpenGL to render with.
        """
        from hndp_core.tasks.panda.scooping_scene import ScoopingScene

        return ScoopingScene(self, self.least_almonds)
