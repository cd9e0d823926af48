"""What keeps an arm from moving, as it is asked and told by the machines around it.

Stop motion is a latch: nothing moves until a recovery has brought the arm home. In an attended cell the arm
moves only while an operator's page is alive; one that falls silent makes the arm hold. An arm that is lost is
stopped, too. Without a picture of the camera nothing moves, but motion goes on by itself when there is one.
The interlock is asked before every control step (`forbids`), so it answers from memory.
"""

import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from app.cells.lease import Lease
from app.cells.motion_words import EventKind, Motion, reason
from app.platform.errors import Conflict

ARM_LOST: Final = "The loss of the arm"
"""Who stopped motion, where nobody did."""

Report = Callable[[EventKind, int | None, str], None]
"""Takes what happened, the id of the user who did it (None: nobody did), and what else to know."""


class Disturbed(Conflict):
    """Motion was stopped or held meanwhile: what the arm did is void, and is to be done again."""


class Interlock:
    """The latches of one cell, and who waits for them. Thread-safe.

    Args:
        attended: whether the arm moves only while an operator's page is alive
        lease: who may move the arm
        report: takes events for the audit; must answer at once
        stopped_by: who stopped motion before a restart, where the stop is still in force
        clock: seconds that never run backwards
    """

    def __init__(
        self,
        *,
        attended: bool,
        lease: Lease,
        report: Report,
        stopped_by: str | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.attended = attended
        self.when_halted: Callable[[], None] = lambda: None  # must answer at once
        self._lease = lease
        self._report = report
        self._clock = clock
        self._changed = threading.Condition(threading.RLock())
        self._stopped_by = stopped_by
        self._lost = ""
        self._blind = ""
        self._silent: str | None = None
        self._recovering = False
        self._was_alive = False
        self._disturbances = 0
        self._began: int | None = None  # disturbances before the motion under way
        self._waiting: str | None = None
        self._scene: str | None = None
        self._asked_s = -math.inf
        self._held_at_s: float | None = None

    # Asked by what moves the arm.

    def forbids(self) -> bool:
        """Whether the arm must hold now: the robot's interlock."""
        with self._changed:
            motion, self._asked_s = self._motion(), self._clock()
            void = self._began is not None and self._began != self._disturbances
            if motion in ("ready", "recovering") and not void:
                return False
            if self._held_at_s is None:
                self._held_at_s = self._asked_s
            return True

    def wait_until_allowed(self, what: str, given_up: Callable[[], bool], look_s: float = 1.0) -> bool:
        """Wait until the arm may move; return False if the wait was given up.

        Args:
            what: waits, for the screen
            given_up: asked at first and then regularly
            look_s: seconds between two such questions
        """
        try:
            while True:
                with self._changed:
                    if self._motion() == "ready":
                        return True
                    self._waiting = what
                if given_up():
                    return False
                with self._changed:
                    self._changed.wait_for(lambda: self._motion() == "ready", timeout=look_s)
        finally:
            self._waiting = None

    @contextmanager
    def undisturbed(self) -> Iterator[None]:
        """A motion that counts only if nothing stops or holds it from its start to its end.

        Raises:
            Disturbed: at the start, if the arm may not move; at the end, if it was stopped or held.
        """
        with self._changed:
            if self._motion() != "ready":
                raise Disturbed(self._why())
            self._began, self._held_at_s = self._disturbances, None
        try:
            yield
        finally:
            with self._changed:
                self._motion()
                void, self._began = self._began != self._disturbances, None
        if void:
            raise Disturbed(self._why() or "The arm was stopped or held meanwhile.")

    @contextmanager
    def scene_awaited(self, order: str) -> Iterator[None]:
        """Hold the arm within an undisturbed motion while a person sets the scene.

        Args:
            order: tells people what to do
        """
        with self._changed:
            self._scene = order
        try:
            yield
        finally:
            with self._changed:
                self._scene = None

    @property
    def awaits_scene(self) -> bool:
        """Whether the arm holds for that, and nothing has stopped or held it since its motion began."""
        with self._changed:
            return self._motion() == "scene" and self._began == self._disturbances

    def watch(self) -> None:
        """Notice a page that fell silent; to be called often, for motions that are not asked step by step."""
        with self._changed:
            self._motion()

    # Told by what looks after arm and camera.

    def lose(self, reason: str) -> None:
        """The arm cannot be commanded: a stop, which nobody pressed.

        Args:
            reason: with what a person can do about it
        """
        with self._changed:
            if reason == self._lost and not self._recovering:
                return
            self._report("stop", None, reason)
            self._stopped_by, self._lost, self._recovering = self._stopped_by or ARM_LOST, reason, False
            self._disturb()

    def go_blind(self, reason: str) -> None:
        """The camera gives no pictures: the arm holds, and what it was doing is void.

        Args:
            reason: with what a person can do about it
        """
        with self._changed:
            if not self._blind:
                self._report("hold", None, reason)
                self._disturb()
            self._blind = reason
        self.when_halted()

    def see_again(self) -> None:
        """The camera gives pictures, again where it gave none: motion may go on."""
        with self._changed:
            if self._blind:
                self._blind = ""
                self._report("go_on", None, "The camera gives pictures again")
                self._changed.notify_all()

    def _disturb(self) -> None:
        self._disturbances += 1
        self._held_at_s = None
        self._changed.notify_all()

    def _motion(self) -> Motion:
        """The state now, after a look at who was heard."""
        alive = self._lease.is_alive
        if self._was_alive and not alive:
            self._was_alive = False
            self._fall_silent()
        if self._stopped_by is not None:
            return "recovering" if self._recovering else "stopped"
        if self._silent is not None:
            return "held"
        if self._blind:
            return "blind"
        if self.attended and not alive:
            return "unattended"
        return "ready" if self._scene is None else "scene"

    def _fall_silent(self) -> None:
        grant = self._lease.grant
        assert grant is not None
        self._report("lost", grant.operator.user_id, "")
        if not self.attended:
            return
        if self._stopped_by is None:
            self._silent = grant.operator.name
            self._report("hold", None, f"{grant.operator.name}'s page fell silent")
        self._recovering = False
        self._disturb()
        self.when_halted()

    def _why(self) -> str:
        return reason(
            self._motion(),
            stopped_by=self._stopped_by,
            lost=self._lost,
            silent=self._silent,
            blind=self._blind,
            waiting=self._waiting,
            scene=self._scene,
        )
