"""Digit writing (H-NDP Sec. V-A): write on a whiteboard the digit that a card shows."""

from collections.abc import Sequence
from math import pi
from typing import Final

import numpy as np
from jaxtyping import Float64

from hndp_core.errors import HndpError, InvalidSetting
from hndp_core.tasks.guiding_words import GuidingWords
from hndp_core.tasks.hand import Hand
from hndp_core.tasks.handwriting.card import DIGITS, MOST_CARDS, Card
from hndp_core.tasks.level import Level
from hndp_core.tasks.panda.forward_kinematics import tool_places
from hndp_core.tasks.region import NoRegions, Region, Split
from hndp_core.tasks.rubric import Milestone, Rubric
from hndp_core.tasks.scene import Scene
from hndp_core.tasks.task import Task
from hndp_core.tasks.variation import VariationRange
from hndp_core.tasks.view import View
from hndp_core.tasks.workspace import Workspace

PATH_BOUND_M: Final = 0.012
"""Greatest path error of a success, before the level takes from it: a tenth of the height of a digit."""

_SLOT_M: Final = 0.04
_ROWS: Final = MOST_CARDS // DIGITS
_RACK_MIDDLE_X_M: Final = 0.50
_RACK_LEFT_Y_M: Final = 0.70

_CARD_VARIATION: Final = VariationRange(
    object_shift_sigma_m=0.001,
    object_turn_limit_rad=0.05,
    camera_shift_sigma_m=0.001,
    camera_turn_sigma_rad=0.002,
)
_VARIED: Final = VariationRange(
    object_shift_sigma_m=0.0015,
    object_turn_limit_rad=0.1,
    camera_shift_sigma_m=0.002,
    camera_turn_sigma_rad=0.003,
    light_shift_sigma_m=0.3,
    brightness_low=0.5,
    brightness_high=1.4,
    tool_shift_sigma_m=0.001,
)
_TIGHT: Final = 2 / 3
# Half the tremor of other tasks, which alone would use up most of the path error that is forgiven.
_HUMAN: Final = Hand(tremor_rad=0.003, speed_spread=0.15)

WRITING_VIEW: Final = View((1.02, 0.10, 0.62), (0.47, 0.08, 0.07), 34.0)
"""From opposite the robot at board, card and hand."""

_PEN_TIP_IN_HAND_M: Final = (0.0, 0.21)


class SharedCard(HndpError, ValueError):
    """A card that is demonstrated and held out at once."""

    def __init__(self, train: str, held_out: str, subject: str) -> None:
        super().__init__(
            f"Regions {train} and {held_out} show the same card ({subject}): give {held_out} another writer."
        )


class WritingTask(Task):
    """A Panda with a marker, a whiteboard and a card that shows a digit.

    A region is a card: its place is the card's slot in a rack beside the robot, from which it is taken and
    put down under the camera. State: x, y of four points along the stroke on the board [m].
    """

    name = "writing"
    title = "Writing digits"
    rubric = Rubric(
        milestones=(
            Milestone("pen on the board", 0.25),
            Milestone("digit begun in the right place", 0.25),
            Milestone("digit can be read", 0.25),
            Milestone("follows the card's stroke", 0.25),
        ),
        failure_modes=(
            "no ink",
            "another digit",
            "not readable",
            "beside its place",
            "wrong size",
            "wrong slant",
            "stroke broken off",
        ),
    )
    dof = 7
    rollout_length = 350
    control_rate_hz = 50.0
    workspace = Workspace(
        _RACK_MIDDLE_X_M - _ROWS * _SLOT_M,
        _RACK_MIDDLE_X_M + _ROWS * _SLOT_M,
        _RACK_LEFT_Y_M - DIGITS * _SLOT_M,
        _RACK_LEFT_Y_M,
    )
    place_meaning = (
        "A region is a card with one writer's digit; its place is its slot in the rack beside the robot. "
        "For a trial the card is put down under the camera."
    )
    scene_order = "Wipe the board, and put the region's card down where the reference picture shows it."
    camera_view = WRITING_VIEW
    home_joints = (0.0, -0.3042, 0.0, -2.569, 0.0, 2.2648, pi / 4)
    """The pen is upright, its tip 140 mm above the board's edge that is nearest to the base."""
    guiding = GuidingWords(
        tool="tip of the pen",
        plane="board",
        tilts="leans the pen",
        steps=(
            "Drag the tip over the first point of the digit on the board.",
            "Snap it down to the board: the pen writes.",
            "Drag it along the stroke as the card shows it, twice as large as there.",
            "Let go of the board, and draw the pen back so that the ink can be seen.",
        ),
    )
    state_size = 8
    train_regions = DIGITS
    held_out_regions = DIGITS
    default_level = "varied"
    levels = (
        Level("clean", "steady demonstrations, small changes between resets", _CARD_VARIATION),
        Level("human", "unsteady demonstrations at differing speeds", _CARD_VARIATION, _HUMAN),
        Level("varied", "as human; camera, lamp, card and pen shift more", _VARIED, _HUMAN),
        Level("tight", "as varied; less error is forgiven", _VARIED, _HUMAN, _TIGHT),
    )

    def __init__(self, level: str | None = None) -> None:
        super().__init__(level)
        self.success_rule = (
            "the ink shows the card's digit, and follows the card's own stroke: "
            f"{1000 * self.path_bound_m:.3g} mm off on average at most, seen from both, nothing aligned"
        )

    @property
    def path_bound_m(self) -> float:
        """Greatest path error of a success [m]."""
        return PATH_BOUND_M * self.level.tolerance

    def layout(
        self, train: int | None = None, held_out: int | None = None, layout_seed: int = 0
    ) -> tuple[Region, ...]:
        """Return train cards, then held-out ones, digits in turn; no writer wrote two of them.

        Writers of other layout seeds are other people.

        Raises:
            NoRegions: `train` is below 1.
            InvalidSetting: more cards than the rack holds.
        """
        train = self.train_regions if train is None else train
        held_out = self.held_out_regions if held_out is None else held_out
        if train < 1:
            raise NoRegions
        for split, count in (("train", train), ("held_out", held_out)):
            if not 0 <= count <= MOST_CARDS:
                raise InvalidSetting(split, count, f"the rack holds 0 to {MOST_CARDS} cards of each split")
        return (
            *(_in_rack(index, "train", layout_seed) for index in range(1, train + 1)),
            *(_in_rack(index, "held_out", layout_seed) for index in range(1, held_out + 1)),
        )

    def check_regions(self, regions: Sequence[Region]) -> None:
        """Refuse regions that this task cannot use.

        Raises:
            UnreadableCard: a region that says no card.
            SharedCard: a held-out card that is demonstrated too.
        """
        super().check_regions(regions)
        cards = {region.name: Card.named(region.subject) for region in regions}
        demonstrated = {cards[each.name]: each.name for each in regions if each.split == "train"}
        for region in regions:
            card = cards[region.name]
            if region.split == "held_out" and card in demonstrated:
                raise SharedCard(demonstrated[card], region.name, card.subject)

    def nominal_state(self, region: Region) -> Float64[np.ndarray, " state"]:
        """Return four points along the stroke of the region's card [m].

        Raises:
            UnreadableCard: a region that says no card.
        """
        from hndp_core.tasks.handwriting.style import StyleRange, write
        from hndp_core.tasks.panda.stroke_state import stroke_state

        return stroke_state(write(Card.named(region.subject), StyleRange()))

    def tip_places(self, joints: Float64[np.ndarray, "rows 7"]) -> Float64[np.ndarray, "rows 3"]:
        """Return where the tip of the pen is [m]."""
        return tool_places(joints, _PEN_TIP_IN_HAND_M)

    def build_scene(self) -> Scene:
        """Build the MuJoCo scene.

        Raises:
            MissingGraphicsLibrary: no OpenGL to render with.
        """
        from hndp_core.tasks.panda.writing_scene import WritingScene

        return WritingScene(self)


def _in_rack(index: int, split: Split, layout_seed: int) -> Region:
    """Columns are digits, 0 farthest to the robot's left; train cards fill rows towards it, others away."""
    card = Card.of_layout(layout_seed, index, held_out=split == "held_out")
    row = (index - 1) // DIGITS + 0.5
    x_m = _RACK_MIDDLE_X_M + (row if split == "held_out" else -row) * _SLOT_M
    y_m = _RACK_LEFT_Y_M - (card.digit + 0.5) * _SLOT_M
    return Region(index, split, round(x_m, 4), round(y_m, 4), card.subject)
