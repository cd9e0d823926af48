"""The writing task in MuJoCo."""

from collections.abc import Callable
from math import cos, sin
from typing import Final

import numpy as np
from jaxtyping import Float64, UInt8

from hndp_core.seeding import seed_for
from hndp_core.tasks.handwriting.card import DIGITS, Card
from hndp_core.tasks.handwriting.path_error import path_error_m
from hndp_core.tasks.handwriting.recogniser import recognise
from hndp_core.tasks.handwriting.style import StyleRange, WrittenDigit, write
from hndp_core.tasks.outcome import Outcome
from hndp_core.tasks.panda import writing_objects as objects
from hndp_core.tasks.panda.arm import add_arm
from hndp_core.tasks.panda.arm_scene import ArmScene, table_spec
from hndp_core.tasks.panda.camera import add_camera
from hndp_core.tasks.panda.marks import draw_line
from hndp_core.tasks.panda.outline import rectangle
from hndp_core.tasks.panda.simulator import Model, VisualScene, mujoco
from hndp_core.tasks.panda.stroke_state import stroke_state
from hndp_core.tasks.panda.writing import WRITING_VIEW, WritingTask
from hndp_core.tasks.panda.writing_teacher import writing_path
from hndp_core.tasks.region import Region
from hndp_core.tasks.variation import SceneVariation
from hndp_core.tasks.view import View

CONTACT_BAND_M: Final = 0.001
"""The tip leaves ink where it is nearer to the board than this."""

_CARD_CAMERA: Final = "card"
_CARD_VIEW: Final = View((*objects.CARD_CENTRE_M, 0.50), (*objects.CARD_CENTRE_M, 0.0), 13.4)
"""Straight down at the card: a digit is about 50 of the 96 pixels tall."""

_INK_RADIUS_M: Final = 0.0018
_INK_DRAWN_EVERY: Final = 4  # steps, in pictures alone: each piece of a line takes its time to draw
_PRINT_POINTS: Final = 60
_BOARD_DIAGONAL_M: Final = 2 * float(np.hypot(*objects.BOARD_HALF_M))


class WritingScene(ArmScene):
    """Panda with marker, whiteboard, digit card. Privileged state: four points of the stroke.

    Policies see the card alone, from above; people see the whole table.
    """

    guided_tool = objects.GUIDED_PEN

    def __init__(self, task: WritingTask) -> None:
        super().__init__(task, _build_model(), "pen")
        self._handwriting = StyleRange()
        self._path_bound_m = task.path_bound_m
        self._show(Card(0, 0), SceneVariation.none())
        self.observe(task.image_size)  # a missing graphics library shows now, not mid-trial

    def reset(self, region: Region, variation: SceneVariation) -> None:
        """Put down the region's card, varied; wipe the board; put the arm at home, at rest."""
        self._show(Card.named(region.subject), variation)

    def step(self, joints: Float64[np.ndarray, " dof"]) -> None:
        """Command joint positions [rad], simulate one control step, and leave ink where the tip touches."""
        super().step(joints)
        x, y, z = self._data.body("pen").xpos
        place = np.array([[x, y]])
        touches = z - objects.BOARD_TOP_M < CONTACT_BAND_M
        if not (touches and (np.abs(objects.from_board(place)[0]) < objects.BOARD_HALF_M[::-1]).all()):
            self._pen_is_down = False
            return
        if not self._pen_is_down:
            self._ink.append([])
        self._ink[-1].append((x, y))
        self._pen_is_down = True

    def state(self) -> Float64[np.ndarray, " state"]:
        """Return four points along the stroke to be written [m]; see `stroke_state`."""
        return stroke_state(self._wanted)

    def observe(self, size: int) -> UInt8[np.ndarray, "size size 3"]:
        """Return the image of the card from above.

        Raises:
            MissingGraphicsLibrary: no OpenGL to render with.
        """
        return self._camera.render(self._data, size, size, _CARD_CAMERA, self._marks())

    def judge(self) -> Outcome:
        """Read the ink, and measure how far it is from the card's own stroke; neither forgives the other."""
        ink = self.ink()
        recognised = recognise(ink)
        error_m = path_error_m(ink, self._wanted.line_m, _BOARD_DIAGONAL_M)
        return Outcome(
            success=recognised == self._card.digit and error_m <= self._path_bound_m,
            measures={
                "digit_recognised": -1.0 if recognised is None else float(recognised),
                "path_error_m": error_m,
                "ink_length_m": float(
                    sum(np.linalg.norm(np.diff(line, axis=0), axis=1).sum() for line in ink)
                ),
            },
        )

    def ink(self) -> list[Float64[np.ndarray, "points 2"]]:
        """Return the lines drawn so far, as the writer sees them: right and up of the board's middle [m]."""
        return [objects.from_board(np.array(line)) for line in self._ink]

    def demonstrate(self, region: Region, variation: SceneVariation) -> Float64[np.ndarray, "steps dof"]:
        """Return joint commands [rad] for the stroke of the region's card, as the level's hand shows them."""
        written = write(Card.named(region.subject), self._handwriting)
        stroke = objects.on_board(written.line_m)
        path = writing_path(stroke, self.home_joints, self._task.rollout_length, self.control_rate_hz)
        return self._by_hand(path, variation)

    def pretraining_samples(
        self, count: int, seed: int, on_image: Callable[[int], None] = lambda made: None
    ) -> tuple[UInt8[np.ndarray, "count height width 3"], Float64[np.ndarray, "count 10"]]:
        """Return images of cards by writers of their own, and which digit each shows: 1 in its column."""
        size = self._task.image_size
        images = np.empty((count, size, size, 3), np.uint8)
        digits = np.zeros((count, DIGITS))
        for number in range(count):
            card = Card.for_pretraining(seed, number)
            self._show(card, self._task.variation(seed_for(seed, "card sample", number)))
            images[number] = self.observe(size)
            digits[number, card.digit] = 1.0
            on_image(number + 1)
        return images, digits

    def _outline(self, region: Region) -> Float64[np.ndarray, "4 3"]:
        """Return the edge of the card: every region's lies at the same place."""
        half_x_m, half_y_m = np.multiply(objects.BOARD_HALF_M, objects.CARD_SCALE)
        return rectangle(*objects.CARD_CENTRE_M, objects.CARD_TOP_M, half_x_m, half_y_m)

    def _show(self, card: Card, variation: SceneVariation) -> None:
        self._card, self._wanted = card, write(card, self._handwriting)
        self._ink: list[list[tuple[float, float]]] = []
        self._pen_is_down = False
        self._begin(variation)
        x, y = np.add(objects.CARD_CENTRE_M, variation.object_shift_m)
        half = variation.object_turn_rad / 2
        self._data.mocap_pos[0] = (x, y, 0.0)
        self._data.mocap_quat[0] = (cos(half), 0.0, 0.0, sin(half))
        mujoco.mj_forward(self._model, self._data)
        self._print = self._printed(self._wanted)

    def _printed(self, written: WrittenDigit) -> Float64[np.ndarray, "points 3"]:
        """Return where on the card its digit is printed, in the base frame [m]."""
        every = max(1, len(written.line_m) // _PRINT_POINTS)
        right, up = written.line_m[::every].T * objects.CARD_SCALE
        on_card = np.stack([-up, right, np.full(len(up), objects.CARD_TOP_M)], axis=1)
        card = self._data.body("card")
        return card.xpos + on_card @ card.xmat.reshape(3, 3).T

    def _marks(self) -> Callable[[VisualScene], None]:
        print_radius = self._wanted.thickness_m / 2 * objects.CARD_SCALE
        drawn = [[*line[:-1:_INK_DRAWN_EVERY], line[-1]] for line in self._ink]
        ink = [np.array([(x, y, objects.BOARD_TOP_M) for x, y in line]) for line in drawn]

        def draw(scene: VisualScene) -> None:
            draw_line(scene, self._print, print_radius, objects.PRINT)
            for line in ink:
                draw_line(scene, line, _INK_RADIUS_M, objects.INK)

        return draw


def _build_model() -> Model:
    spec = table_spec()
    hand = add_arm(spec)
    objects.add_pen(hand)
    objects.add_board(spec)
    objects.add_card(spec)
    add_camera(spec, WRITING_VIEW)
    add_camera(spec, _CARD_VIEW, _CARD_CAMERA, up=(-1.0, 0.0, 0.0))
    return spec.compile()
