"""From where a person wants the tool to the next joint command: an arm that follows a guiding hand."""

from dataclasses import dataclass, fields, replace
from typing import Final

import numpy as np
from jaxtyping import Float64

from hndp_core.errors import InvalidSetting
from hndp_core.robots.joint_motion_limit import JointMotionLimit
from hndp_core.robots.limits import PANDA_LIMITS, JointLimits
from hndp_core.tasks.panda.arm import add_arm
from hndp_core.tasks.panda.differential_kinematics import mink
from hndp_core.tasks.panda.guided_tool import GuidedTool, ToolPose
from hndp_core.tasks.panda.simulator import Model, mujoco

_POINT: Final = "guided point"
_SOLVER: Final = "daqp"
_ORIENTATION_COST: Final = 0.3  # of a radian, against 1 of a metre
_PLANE_JOINTS: Final = (2, 4, 6)
_POSTURE_COST: Final = 0.3
_POSTURE_GAIN: Final = 0.2
_DAMPING: Final = 1e-9

_ELBOW: Final = 3
_LEAST_BEND_RAD: Final = 0.52
"""At joint 4 = -0.467 rad shoulder, elbow and wrist lie on a line; past it is another branch, out of which no
small step leads back."""

_END_MARGIN_RAD: Final = 0.03
"""A path that ran along the end of a joint would overshoot it when it is resampled."""


@dataclass(frozen=True)
class GuidePace:
    """How briskly the arm follows. Gently: ten guided seconds are executed in the seven of a rollout.

    Attributes:
        stiffness_rad_s: the tool follows as a critically damped spring of this natural frequency.
        speed_m_s: greatest speed of the tool.
        acceleration_m_s2: its greatest acceleration.
        tilt_speed_rad_s: greatest speed of its tilt.
        tilt_acceleration_rad_s2: its greatest acceleration.
        velocity_share: part of the joints' velocity limits that is used.
        acceleration_share: part of their acceleration limits that is used.
    """

    stiffness_rad_s: float = 6.0
    speed_m_s: float = 0.2
    acceleration_m_s2: float = 0.9
    tilt_speed_rad_s: float = 0.8
    tilt_acceleration_rad_s2: float = 3.5
    velocity_share: float = 0.8
    acceleration_share: float = 0.8

    def __post_init__(self) -> None:
        for each in fields(self):
            if not getattr(self, each.name) > 0:
                raise InvalidSetting(each.name, getattr(self, each.name), "use more than 0")


class HandGuide:
    """Inverse kinematics of the Panda that follows a wish, one joint command a control step.

    The tool's yaw follows the bearing of its place, so that joint 1 carries it, and the home posture is held
    in the null space: the arm stays in one branch, and the joints are smooth functions of the tool's pose.
    Commands keep the arm's limits of position, velocity and acceleration whatever is wished. Deterministic:
    equal wishes give equal commands.
    """

    def __init__(
        self,
        tool: GuidedTool,
        home_joints: Float64[np.ndarray, "7"],
        rate_hz: float,
        pace: GuidePace | None = None,
    ) -> None:
        """Begin at rest at home.

        Args:
            tool: that is guided.
            home_joints: where the arm starts, and whose posture it holds [rad].
            rate_hz: control steps a second.
            pace: how briskly the arm follows.

        Raises:
            MissingArmMeshes: the package that carries the arm's model is not installed.
        """
        self.tool = tool
        self.rate_hz = rate_hz
        self._pace = pace or GuidePace()
        self._configuration = mink.Configuration(_arm_with(tool))
        self._frame = mink.FrameTask(_POINT, "site", 1.0, _ORIENTATION_COST)
        # Joint 1 turns the arm's plane to the bearing, and 2, 4 and 6 place the tool in it: only those that
        # would twist the arm out of that plane are held, so that posture and place never contradict.
        costs = np.zeros(7)
        costs[list(_PLANE_JOINTS)] = _POSTURE_COST
        self._posture = mink.PostureTask(self._configuration.model, costs, gain=_POSTURE_GAIN)
        self._posture.set_target(home_joints)
        pace = self._pace
        self._limit = JointMotionLimit(_guided_limits(), pace.velocity_share, pace.acceleration_share)
        self.begin(home_joints)

    def begin(self, joints: Float64[np.ndarray, "7"]) -> None:
        """Start anew from an arm at rest at `joints` [rad]."""
        self._configuration.update(np.array(joints, dtype=np.float64))
        self._limit.moving = np.zeros(7)
        self._place = self._read_place()
        self._speed = np.zeros(4)

    @property
    def pose(self) -> ToolPose:
        """Where the last command brings the tool."""
        return ToolPose.of(self._place)

    @property
    def joints(self) -> Float64[np.ndarray, "7"]:
        """The last command [rad]."""
        return self._configuration.q.copy()

    def step(self, wish: ToolPose | None) -> Float64[np.ndarray, "7"]:
        """Return the next joint command [rad] towards a wish; None brakes until the arm holds."""
        dt = 1 / self.rate_hz
        self._frame.set_target(self._frame_at(self._place + dt * self._next_speed(wish, dt)))
        velocity = mink.solve_ik(
            self._configuration,
            [self._frame, self._posture],
            dt,
            _SOLVER,
            damping=_DAMPING,
            limits=[self._limit],
        )
        # The solver keeps its limits to a tolerance only.
        velocity = np.clip(velocity, *self._limit.velocities(self._configuration.q, dt))
        self._configuration.integrate_inplace(velocity, dt)
        self._limit.moving = velocity
        before, self._place = self._place, self._read_place()
        self._speed = (self._place - before) / dt
        return self.joints

    def _next_speed(self, wish: ToolPose | None, dt: float) -> Float64[np.ndarray, "4"]:
        """Return the speed [m/s, rad/s] of a spring, limited. It starts from what the arm has reached, so
        that nothing winds up where the arm cannot follow.
        """
        pace = self._pace
        if wish is None:
            change = -self._speed / dt
        else:
            way = np.array(wish) - self._place
            change = pace.stiffness_rad_s**2 * way - 2 * pace.stiffness_rad_s * self._speed
        change = _shortened(change, pace.acceleration_m_s2, pace.tilt_acceleration_rad_s2)
        return _shortened(self._speed + change * dt, pace.speed_m_s, pace.tilt_speed_rad_s)

    def _frame_at(self, place: Float64[np.ndarray, "4"]) -> mink.SE3:
        x, y, z, tilt = place
        lean, bearing = tilt + self.tool.level_lean_rad, np.arctan2(y, x)
        away = np.array([np.cos(bearing), np.sin(bearing), 0.0])
        up = np.array([0.0, 0.0, 1.0])
        hand_x = np.cos(lean) * away + np.sin(lean) * up
        hand_z = np.sin(lean) * away - np.cos(lean) * up
        turn = np.stack([hand_x, np.cross(hand_z, hand_x), hand_z], axis=1)
        return mink.SE3.from_rotation_and_translation(mink.SO3.from_matrix(turn), np.array([x, y, z]))

    def _read_place(self) -> Float64[np.ndarray, "4"]:
        frame = self._configuration.get_transform_frame_to_world(_POINT, "site")
        hand_z = frame.rotation().as_matrix()[:, 2]
        x, y, z = frame.translation()
        outward = (hand_z[0] * x + hand_z[1] * y) / np.hypot(x, y)
        lean = np.arctan2(outward, -hand_z[2])
        return np.array([x, y, z, lean - self.tool.level_lean_rad])


def _shortened(
    values: Float64[np.ndarray, "4"], greatest: float, greatest_tilt: float
) -> Float64[np.ndarray, "4"]:
    """Return a vector of place and tilt whose parts are no longer than these."""
    length = float(np.linalg.norm(values[:3]))
    place = values[:3] * min(1.0, greatest / length) if length > 0 else values[:3]
    return np.append(place, np.clip(values[3], -greatest_tilt, greatest_tilt))


def _guided_limits() -> JointLimits:
    """Return the arm's limits with ends that a guided joint keeps off."""
    low, high = PANDA_LIMITS.position_range()
    low, high = low + _END_MARGIN_RAD, high - _END_MARGIN_RAD
    high[_ELBOW] = -_LEAST_BEND_RAD
    return replace(PANDA_LIMITS, position_min=tuple(low), position_max=tuple(high))


def _arm_with(tool: GuidedTool) -> Model:
    """Return a model of the bare arm: what lies about has no part in its kinematics."""
    spec = mujoco.MjSpec()
    spec.compiler.degree = False
    x, z = tool.point_in_hand_m
    add_arm(spec).add_site(name=_POINT, pos=(x, 0.0, z))
    return spec.compile()
