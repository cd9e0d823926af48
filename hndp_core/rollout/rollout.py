"""Execute a policy or a trajectory once, and keep all that a trial needs."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Float64, UInt8

from hndp_core.robots.pace import period_errors_ms
from hndp_core.robots.robot import Execution, OnStep, Picture, Robot, ShouldStop
from hndp_core.robots.time_scaling import slow_to_fit
from hndp_core.tasks.camera_format import (
    FRAME_INTERVAL,
    POLICY_IMAGE_SIZE,
    STILL_HEIGHT,
    STILL_WIDTH,
    VIDEO_HEIGHT,
    VIDEO_WIDTH,
)
from hndp_core.tasks.outcome import Outcome

Planner = Callable[
    [UInt8[np.ndarray, "size size 3"], Float64[np.ndarray, " dof"], Float64[np.ndarray, " state"]],
    Float64[np.ndarray, "steps dof"],
]
"""(start image, start joints [rad], privileged state) -> joint commands [rad]."""


class Observation(NamedTuple):
    """What can be known before a rollout.

    Attributes:
        image: what the policy sees, RGB.
        joints: measured joints [rad].
        state: privileged state.
    """

    image: UInt8[np.ndarray, "size size 3"]
    joints: Float64[np.ndarray, " dof"]
    state: Float64[np.ndarray, " state"]


def observe(robot: Robot) -> Observation:
    """Look at the prepared scene.

    Raises:
        MissingGraphicsLibrary: a simulated camera without OpenGL.
    """
    return Observation(robot.observe(POLICY_IMAGE_SIZE), robot.joints(), robot.state())


@dataclass(frozen=True)
class RolloutRecord:
    """One rollout.

    Both joint paths are kept. A demonstration's path for training is `commanded`: the servos lag behind
    their commands, so a policy that imitates `measured` would lag twice when it is executed.

    Attributes:
        start_image: what the policy saw, RGB.
        state: privileged state at the start.
        start_joints: measured joints at the start [rad].
        commanded: joint commands planned for the whole rollout [rad].
        slow_down: how many times as long as planned the commands took, so that the arm could follow.
        measured: joints after each step made [rad]; fewer than `commanded` times `slow_down` if stopped.
        time_s: time of each row of `measured` since the start: one period after its command was sent, as
            measured; (row + 1) / rate where a simulation runs as fast as it computes.
        frames: video frames, RGB, one every `FRAME_INTERVAL` steps; empty without video.
        first_frame: display image before the motion, RGB.
        last_frame: display image after it, RGB.
        outcome: judgement of the physics; None on a real robot, and for a stopped rollout.
        stopped: whether the motion ended early.
        period_error_p99_ms: 99th percentile of how far the times from command to command were from
            1 / rate; None where they were not measured.
    """

    start_image: UInt8[np.ndarray, "size size 3"]
    state: Float64[np.ndarray, " state"]
    start_joints: Float64[np.ndarray, " dof"]
    commanded: Float64[np.ndarray, "steps dof"]
    slow_down: float
    measured: Float64[np.ndarray, "made dof"]
    time_s: Float64[np.ndarray, " made"]
    frames: tuple[UInt8[np.ndarray, "height width 3"], ...]
    first_frame: UInt8[np.ndarray, "height width 3"]
    last_frame: UInt8[np.ndarray, "height width 3"]
    outcome: Outcome | None
    stopped: bool
    period_error_p99_ms: float | None = None


def execute(
    robot: Robot,
    plan: Float64[np.ndarray, "steps dof"] | Planner,
    *,
    record_video: bool,
    on_step: OnStep | None = None,
    should_stop: ShouldStop | None = None,
) -> RolloutRecord:
    """Observe, plan, move, judge. The scene must have been prepared and the arm be at home.

    A plan that is too fast for the arm is slowed down until it fits.

    Raises:
        TrajectoryRefused: no slow-down keeps the robot's limits; nothing has moved.
        MissingGraphicsLibrary: a simulated camera without OpenGL.
    """
    seen = observe(robot)
    first_frame = robot.capture(STILL_WIDTH, STILL_HEIGHT)
    commanded = plan(seen.image, seen.joints, seen.state) if callable(plan) else plan
    pictures: list[Picture] = []

    def after_step(step: int, joints: Float64[np.ndarray, " dof"]) -> None:
        if record_video and (step + 1) % FRAME_INTERVAL == 0:
            pictures.append(robot.capture_later(VIDEO_WIDTH, VIDEO_HEIGHT))
        if on_step is not None:
            on_step(step, joints)

    paced = slow_to_fit(seen.joints, commanded, robot.rate_hz, body=robot.arm_body)
    execution = robot.execute(paced.commands, after_step, should_stop)
    return RolloutRecord(
        start_image=seen.image,
        state=seen.state,
        start_joints=seen.joints,
        commanded=commanded,
        slow_down=paced.slow_down,
        measured=execution.measured,
        time_s=_times_s(execution, robot.rate_hz),
        frames=tuple(picture() for picture in pictures),
        first_frame=first_frame,
        last_frame=robot.capture(STILL_WIDTH, STILL_HEIGHT),
        outcome=None if execution.stopped else robot.outcome(),
        stopped=execution.stopped,
        period_error_p99_ms=_period_error_p99_ms(execution, robot.rate_hz),
    )


def _times_s(execution: Execution, rate_hz: float) -> Float64[np.ndarray, " made"]:
    if execution.sent_s is None:
        return np.arange(1, len(execution.measured) + 1) / rate_hz
    return execution.sent_s + 1 / rate_hz


def _period_error_p99_ms(execution: Execution, rate_hz: float) -> float | None:
    if execution.sent_s is None or len(execution.sent_s) < 2:
        return None
    return float(np.percentile(period_errors_ms(execution.sent_s, rate_hz), 99))
