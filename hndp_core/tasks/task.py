"""A task: what the arm shall learn, and where."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar

from hndp_core.tasks.camera_format import POLICY_IMAGE_SIZE
from hndp_core.tasks.layout import spread_layout
from hndp_core.tasks.region import Region, check_regions
from hndp_core.tasks.scene import Scene
from hndp_core.tasks.workspace import Workspace


class Task(ABC):
    """Static facts of a task. Importing and describing one needs no simulator.

    Attributes:
        name: key in the registry.
        title: name for people.
        dof: number of joints.
        rollout_length: k, robot steps that one policy output covers.
        control_rate_hz: steps a second.
        image_size: pixels of a side of the square policy image.
        workspace: where the object may stand.
        home_joints: joint positions at the start of every rollout [rad].
        state_size: entries of the privileged state.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    dof: ClassVar[int]
    rollout_length: ClassVar[int]
    control_rate_hz: ClassVar[float]
    image_size: ClassVar[int] = POLICY_IMAGE_SIZE
    workspace: ClassVar[Workspace]
    home_joints: ClassVar[tuple[float, ...]]
    state_size: ClassVar[int]

    def layout(self, train: int = 18, held_out: int = 10, layout_seed: int = 0) -> tuple[Region, ...]:
        """Return train regions, then held-out ones; the same for the same arguments.

        Raises:
            NoRegions: `train` is below 1.
            InvalidSetting: more regions than the workspace holds.
        """
        return spread_layout(self.workspace, train, held_out, layout_seed)

    def check_regions(self, regions: Sequence[Region]) -> None:
        """Refuse regions that this task cannot use.

        Raises:
            NoRegions: no train region.
            RegionOutOfReach: a region outside the workspace.
            DuplicateRegion: two regions of one name or at one place.
        """
        check_regions(regions, self.workspace)

    @abstractmethod
    def build_scene(self) -> Scene:
        """Build the simulated scene (imports the simulator).

        Raises:
            MissingGraphicsLibrary: no OpenGL to render with.
        """
