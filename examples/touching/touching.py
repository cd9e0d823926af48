"""A task of one's own: touch the middle of a puck with a peg. Its facts are light to import."""

from math import pi

from hndp_core.tasks import Scene, Task, Workspace


class TouchingTask(Task):
    """A Panda with a peg in its hand, and a puck on the table. State: the puck's x, y [m]."""

    name = "touching"
    title = "Touching a puck"
    success_rule = "the peg's tip is on the puck at the end, at most 15 mm from its middle"
    dof = 7
    rollout_length = 150
    control_rate_hz = 50.0
    workspace = Workspace(0.45, 0.65, -0.15, 0.15)
    home_joints = (0.0, -pi / 4, 0.0, -3 * pi / 4, 0.0, pi / 2, pi / 4)
    state_size = 2
    train_regions = 9

    def build_scene(self) -> Scene:
        """Build the MuJoCo scene; only here is the simulator loaded."""
        from touching_scene import TouchingScene

        return TouchingScene(self)
