"""Where a motion waits until a person says that its scene is as the reference picture shows it."""

import itertools
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from jaxtyping import Float64, UInt8

from app.cells.motion_guard import MotionGuard
from app.cells.motion_words import ReferenceSource
from app.platform.errors import Conflict, NotFound
from hndp_core.tasks.region import Region

_LOOK_S: Final = 0.1


@dataclass(frozen=True)
class Reference:
    """How the scene of a region looks when it is set.

    Attributes:
        picture: of the cell's camera, RGB
        source: what it is the first frame of
    """

    picture: UInt8[np.ndarray, "height width 3"]
    source: ReferenceSource


@dataclass(frozen=True)
class SceneOrder:
    """What a person is asked to set.

    Attributes:
        title: of the motion that waits, such as "gate trial in T7"
        experiment_id: that it belongs to
        region: whose scene it is
        what: to do, as a sentence
        reference: None where nothing was ever recorded in the region
        outline: of the region's object as (u, v) points of the camera's picture; no point where the
            camera's place is not known
        simulated: whether the simulator has set the scene already
    """

    title: str
    experiment_id: int
    region: Region
    what: str
    reference: Reference | None
    outline: Float64[np.ndarray, "points 2"]
    simulated: bool


class SceneGone(Conflict):
    """A press for a scene that does not wait any more."""

    def __init__(self) -> None:
        super().__init__("This scene does not wait any more: nothing was started. Look at the page again.")


class SceneDesk:
    """The one scene of a cell that may wait at a time. Only an attended cell asks for one. Thread-safe.

    Args:
        guard: holds the arm meanwhile, and says who may press
    """

    def __init__(self, guard: MotionGuard) -> None:
        self._guard = guard
        self._numbers = itertools.count(1)
        self._changing = threading.Lock()
        self._awaited: tuple[int, SceneOrder] | None = None
        self._pressed_by: int | None = None

    @property
    def asks(self) -> bool:
        """Whether a motion here waits for its scene."""
        return self._guard.attended

    def wait_until_matches(
        self, order: SceneOrder, given_up: Callable[[], bool], look_s: float = 1.0
    ) -> int | None:
        """Hold the arm until somebody who may move it says that the scene matches; return their user id.

        To be called within the guard's `undisturbed`. None: it was given up, or the arm was stopped or held,
        its operator's page fell silent or they handed it back; `undisturbed` then tells.

        Args:
            order: shown to people
            given_up: asked at first and then regularly
            look_s: seconds between two such questions
        """
        with self._changing:
            self._awaited, self._pressed_by = (next(self._numbers), order), None
        try:
            told = f"The scene of {order.region.name} waits. {order.what} Then press Matches."
            with self._guard.scene_awaited(told):
                return self._pressed(given_up, look_s)
        finally:
            with self._changing:
                self._awaited = None

    def matches(self, number: int, token: int | None, user_id: int) -> None:
        """Take the press of a person who has looked at that scene. One that comes twice starts once.

        Raises:
            StaleLease: they may not move the arm.
            SceneGone: it does not wait any more.
        """
        self._guard.require_operator(token, user_id)
        with self._changing:
            if self._awaited is None or self._awaited[0] != number or not self._guard.awaits_scene:
                raise SceneGone
            if self._pressed_by is None:
                self._pressed_by = user_id

    def reference(self, number: int) -> UInt8[np.ndarray, "height width 3"]:
        """Return the reference picture of the scene that waits.

        Raises:
            NotFound: it waits no more, or has none.
        """
        with self._changing:
            if self._awaited is None or self._awaited[0] != number or self._awaited[1].reference is None:
                raise NotFound("reference of scene", number)
            return self._awaited[1].reference.picture

    def state(self) -> dict[str, Any] | None:
        """The scene that waits, as JSON values; None where none does."""
        with self._changing:
            if self._awaited is None:
                return None
            number, order = self._awaited
        return {
            "number": number,
            "title": order.title,
            "experiment_id": order.experiment_id,
            "region": order.region.name,
            "subject": order.region.subject,
            "what": order.what,
            "reference": order.reference.source if order.reference else None,
            "outline": order.outline.round(4).tolist(),
            "simulated": order.simulated,
        }

    def _pressed(self, given_up: Callable[[], bool], look_s: float) -> int | None:
        due_s = time.monotonic()
        while self._guard.awaits_scene:
            if self._pressed_by is not None:
                return self._pressed_by
            if time.monotonic() >= due_s:
                if given_up():
                    return None
                due_s = time.monotonic() + look_s
            time.sleep(min(_LOOK_S, look_s))
        return None
