"""The contract of a simulated scene: arm, objects, camera, judge and teacher of one task."""

from abc import ABC, abstractmethod
from collections.abc import Callable

import numpy as np
from jaxtyping import Float64, UInt8

from hndp_core.tasks.arm_body import ArmBody
from hndp_core.tasks.outcome import Outcome
from hndp_core.tasks.region import Region
from hndp_core.tasks.variation import SceneVariation


class Scene(ABC):
    """A task in simulation. Deterministic: a reset forgets all that happened before it.

    One caller at a time; it may be of any thread.

    Attributes:
        control_rate_hz: control steps a second.
        home_joints: where a reset puts the arm [rad].
        arm_body: shape of the arm and the room that it has, for the check before motion; None: a scene
            whose arm can meet nothing, of which only joint limits are checked.
    """

    control_rate_hz: float
    home_joints: Float64[np.ndarray, " dof"]
    arm_body: ArmBody | None = None

    @abstractmethod
    def reset(self, region: Region, variation: SceneVariation) -> None:
        """Place the object in the region, varied; put the arm at home, at rest."""

    @abstractmethod
    def step(self, joints: Float64[np.ndarray, " dof"]) -> None:
        """Command joint positions [rad] and simulate one control step."""

    @abstractmethod
    def joints(self) -> Float64[np.ndarray, " dof"]:
        """Return the measured joint positions [rad]."""

    @abstractmethod
    def joint_velocities(self) -> Float64[np.ndarray, " dof"]:
        """Return the measured joint velocities [rad/s]."""

    @abstractmethod
    def state(self) -> Float64[np.ndarray, " state"]:
        """Return the privileged state that local policies observe, such as the object's position [m]."""

    @abstractmethod
    def render(self, width: int, height: int) -> UInt8[np.ndarray, "height width 3"]:
        """Return the fixed camera's image.

        Raises:
            MissingGraphicsLibrary: no OpenGL to render with.
        """

    def render_later(self, width: int, height: int) -> Callable[[], UInt8[np.ndarray, "height width 3"]]:
        """Keep what the fixed camera sees now; the result renders it when called, from any thread.

        A scene that cannot keep it renders at once.
        """
        image = self.render(width, height)
        return lambda: image

    def observe(self, size: int) -> UInt8[np.ndarray, "size size 3"]:
        """Return the square image that policies see; of the fixed camera where a scene has no other.

        Raises:
            MissingGraphicsLibrary: no OpenGL to render with.
        """
        return self.render(size, size)

    def region_outline(self, region: Region, aspect: float) -> Float64[np.ndarray, "points 2"]:
        """Return where the fixed camera's image shows the outline of a region's object; no point: unknown.

        Points are (u, v): 0, 0 is the image's upper left corner and 1, 1 its lower right one.

        Args:
            region: nominal place of the object.
            aspect: width / height of the image.
        """
        return np.empty((0, 2))

    @abstractmethod
    def judge(self) -> Outcome:
        """Judge the present state of the physics."""

    @abstractmethod
    def demonstrate(self, region: Region, variation: SceneVariation) -> Float64[np.ndarray, "steps dof"]:
        """Return the scripted teacher's joint commands [rad], planned for the object's true position."""

    @abstractmethod
    def pretraining_samples(
        self, count: int, seed: int, on_image: Callable[[int], None] = lambda made: None
    ) -> tuple[UInt8[np.ndarray, "count height width 3"], Float64[np.ndarray, "count target"]]:
        """Return start images of scenes all over the workspace, with approximate object positions [m].

        The positions are off by a few millimetres, as hand-measured ones would be. Where the image shows a
        class, the target is instead 1 in the column of that class (H-NDP Sec. IV-C).
        `on_image` hears after each image how many are made.
        """

    @abstractmethod
    def close(self) -> None:
        """Give back the renderer."""
