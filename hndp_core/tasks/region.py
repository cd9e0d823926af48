"""Regions R_i: configurations of the task space, one position of the object each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from hndp_core.errors import HndpError, InvalidSetting, RegionOutOfReach
from hndp_core.tasks.workspace import Workspace

Split = Literal["train", "held_out"]
_PREFIX = {"train": "T", "held_out": "H"}


class NoRegions(HndpError, ValueError):
    """A layout without a train region: nothing could be demonstrated."""

    def __init__(self) -> None:
        super().__init__("There is no train region: add at least one, or take the default layout.")


class DuplicateRegion(HndpError, ValueError):
    """Two regions of one name, or at one place."""

    def __init__(self, first: str, second: str, what: str) -> None:
        super().__init__(f"Regions {first} and {second} have the same {what}: change or remove one of them.")


@dataclass(frozen=True)
class Region:
    """One nominal position of the task's object.

    Attributes:
        index: number within its split, from 1.
        split: "train" regions have demonstrations and gates, "held_out" ones are only evaluated.
        x_m: object position, in the robot's base frame [m].
        y_m: object position, in the robot's base frame [m].
        subject: what the place alone does not say, such as the digit to write; empty for most tasks.
    """

    index: int
    split: Split
    x_m: float
    y_m: float
    subject: str = ""

    def __post_init__(self) -> None:
        if self.split not in _PREFIX:
            raise InvalidSetting("split", self.split, "use 'train' or 'held_out'")
        if self.index < 1:
            raise InvalidSetting("index", self.index, "count regions from 1")

    @property
    def name(self) -> str:
        """Short name: T1, T2, ... for train regions and H1, H2, ... for held-out ones."""
        return f"{_PREFIX[self.split]}{self.index}"


def check_regions(regions: Sequence[Region], workspace: Workspace) -> None:
    """Refuse regions that cannot be used together.

    Raises:
        NoRegions: no train region.
        RegionOutOfReach: a region outside the workspace (or not a number).
        DuplicateRegion: two regions of one name, or at one place (to the millimetre).
    """
    if not any(region.split == "train" for region in regions):
        raise NoRegions
    names: dict[str, Region] = {}
    places: dict[tuple[int, int], Region] = {}
    for region in regions:
        if not workspace.contains(region.x_m, region.y_m):
            raise RegionOutOfReach(region.name, region.x_m, region.y_m, str(workspace))
        if region.name in names:
            raise DuplicateRegion(region.name, region.name, "name")
        place = (round(region.x_m * 1000), round(region.y_m * 1000))
        if place in places:
            raise DuplicateRegion(places[place].name, region.name, "place")
        names[region.name] = region
        places[place] = region
