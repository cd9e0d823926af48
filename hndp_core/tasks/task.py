"""A task: what the arm shall learn, and where."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from jaxtyping import Float64

from hndp_core.errors import UnknownName
from hndp_core.tasks.camera_format import POLICY_IMAGE_SIZE
from hndp_core.tasks.guiding_words import GuidingWords
from hndp_core.tasks.layout import spread_layout
from hndp_core.tasks.level import Level
from hndp_core.tasks.region import NoRegions, Region, check_regions
from hndp_core.tasks.rubric import Rubric
from hndp_core.tasks.scene import Scene
from hndp_core.tasks.variation import SceneVariation
from hndp_core.tasks.view import View
from hndp_core.tasks.workspace import Workspace


class Task(ABC):
    """Static facts of a task. Importing and describing one needs no simulator.

    Attributes:
        name: key in the registry.
        title: name for people.
        success_rule: what people shall judge a success, as half a sentence, at this level.
        rubric: milestones and failure modes that people may name beside; a lab may write its own.
        dof: number of joints.
        rollout_length: k, robot steps that one policy output covers.
        control_rate_hz: steps a second.
        image_size: pixels of a side of the square policy image.
        workspace: where the object may stand.
        place_meaning: what a region and its place are, as a sentence for people.
        scene_order: what a person puts where before a rollout, as a sentence that tells them to.
        camera_view: the fixed camera of the simulated scene before anything is varied; None: not told.
        home_joints: joint positions at the start of every rollout [rad].
        guiding: what a person is told who guides the simulated arm by hand; None where it cannot be guided.
        state_size: entries of the privileged state.
        train_regions: number of train regions of the default layout, at this level.
        held_out_regions: number of its held-out regions.
        levels: its difficulties, from easy to hard.
        default_level: name of the one that is meant where none is named.
        level: the one of this task.

    Raises:
        UnknownName: for a level that the task does not have; lists those there are.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    success_rule: str = "the task is done at the end"
    rubric: ClassVar[Rubric] = Rubric()
    dof: ClassVar[int]
    rollout_length: ClassVar[int]
    control_rate_hz: ClassVar[float]
    image_size: ClassVar[int] = POLICY_IMAGE_SIZE
    workspace: ClassVar[Workspace]
    place_meaning: ClassVar[str] = "A region is a place of the object on the table."
    scene_order: ClassVar[str] = "Put the object where the reference picture shows it."
    camera_view: ClassVar[View | None] = None
    home_joints: ClassVar[tuple[float, ...]]
    guiding: ClassVar[GuidingWords | None] = None
    state_size: ClassVar[int]
    train_regions: int = 18
    held_out_regions: ClassVar[int] = 10
    levels: ClassVar[tuple[Level, ...]] = (Level("clean", "small changes between resets"),)
    default_level: ClassVar[str] = "clean"

    def __init__(self, level: str | None = None) -> None:
        by_name = {each.name: each for each in self.levels}
        chosen = self.default_level if level is None else level
        if chosen not in by_name:
            raise UnknownName(f"level of {self.name}", chosen, by_name)
        self.level = by_name[chosen]
        if self.level.train_regions is not None:
            self.train_regions = self.level.train_regions

    @property
    def key(self) -> str:
        """What `get_task` finds this task at this level by, also once another level is the default."""
        return f"{self.name}@{self.level.name}"

    @property
    def full_title(self) -> str:
        """Name for people, with that of the level unless there is only one."""
        return self.title if len(self.levels) == 1 else f"{self.title}, {self.level.name}"

    def variation(self, seed: int) -> SceneVariation:
        """Draw what differs in one reset; equal seeds give equal variations."""
        return SceneVariation.sample(seed, self.level.variation)

    def layout(
        self, train: int | None = None, held_out: int | None = None, layout_seed: int = 0
    ) -> tuple[Region, ...]:
        """Return train regions, then held-out ones; the same for the same arguments.

        Up to the task's own number, fewer train regions are the first ones of that many, and the held-out
        ones stay: results on few and on many regions can be compared.

        Args:
            train: number of train regions; None: the task's own.
            held_out: number of held-out regions; None: the task's own.
            layout_seed: which layout.

        Raises:
            NoRegions: `train` is below 1.
            InvalidSetting: more regions than the workspace holds.
        """
        train = self.train_regions if train is None else train
        held_out = self.held_out_regions if held_out is None else held_out
        if train < 1:
            raise NoRegions
        most = max(train, type(self).train_regions)
        regions = spread_layout(self.workspace, most, held_out, layout_seed)
        return tuple(each for each in regions if each.split == "held_out" or each.index <= train)

    def check_regions(self, regions: Sequence[Region]) -> None:
        """Refuse regions that this task cannot use.

        Raises:
            NoRegions: no train region.
            RegionOutOfReach: a region outside the workspace.
            DuplicateRegion: two regions of one name or at one place.
        """
        check_regions(regions, self.workspace)

    def nominal_state(self, region: Region) -> Float64[np.ndarray, " state"]:
        """Return the privileged state as the region says it, with nothing varied: all that a real arm knows.

        Raises:
            HndpError: the region says something that this task cannot use.
        """
        return np.array([region.x_m, region.y_m])

    def tip_places(self, joints: Float64[np.ndarray, "rows dof"]) -> Float64[np.ndarray, "rows 3"] | None:
        """Return where the tip of the tool is at joint positions [rad], in the robot's base frame [m]; None
        for a task that does not say.
        """
        return None

    @abstractmethod
    def build_scene(self) -> Scene:
        """Build the simulated scene (imports the simulator).

        Raises:
            MissingGraphicsLibrary: no OpenGL to render with.
        """
