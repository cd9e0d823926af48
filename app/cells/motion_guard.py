"""Whether the arm may move now, and if not, why and what to do.

Stop motion is a latch: nothing moves until a recovery has brought the arm home. In an attended cell the arm
moves only while an operator's page is alive; one that falls silent makes the arm hold, and motion goes on
after somebody's press. An arm that is lost is stopped, too. Without a picture of the camera nothing moves,
but motion goes on by itself when there is one. The guard is asked before every control step (`forbids`), so
it answers from memory.
"""

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from app.cells.lease import Grant, Lease, Operator, SilentPage
from app.cells.motion_words import EventKind, Motion, reason
from app.platform.errors import Conflict

ARM_LOST: Final = "The loss of the arm"
"""Who stopped motion, where nobody did."""

_PRESSES: Final = 256
_MOVING_S: Final = 0.1


Report = Callable[[EventKind, int | None, str], None]
"""Takes what happened, the id of the user who did it (None: nobody did), and what else to know."""


class Disturbed(Conflict):
    """Motion was stopped or held meanwhile: what the arm did is void, and is to be done again."""


class MotionGuard:
    """The latches of one cell, its lease, and who waits for them. Thread-safe.

    Args:
        attended: whether the arm moves only while an operator's page is alive
        lease: who may move the arm
        issue_token: returns the next token, when it is safely stored
        report: takes events for the audit; must answer at once
        stopped_by: who stopped motion before a restart, where the stop is still in force
        clock: seconds that never run backwards
    """

    def __init__(
        self,
        *,
        attended: bool,
        lease: Lease,
        issue_token: Callable[[], int],
        report: Report,
        stopped_by: str | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.attended = attended
        self.when_halted: Callable[[], None] = lambda: None  # must answer at once
        self._lease = lease
        self._issue_token = issue_token
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
        self._presses: deque[str] = deque(maxlen=_PRESSES)
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

    # Done by people.

    def stop(self, name: str, user_id: int, press: str) -> None:
        """Stop motion, whoever asks. The same press that comes twice, or late, stops once."""
        with self._changed:
            if press in self._presses:
                return
            self._presses.append(press)
            if self._stopped_by is None or self._recovering:
                self._report("stop", user_id, "while the arm went home" if self._recovering else "")
                self._stopped_by, self._lost, self._recovering = name, "", False
                self._disturb()
        self.when_halted()

    def take(self, operator: Operator) -> Grant:
        """Give the free arm to an operator; their press lets motion go on where a silent page held it.

        Raises:
            ArmTaken: another page holds it, and is alive.
        """
        with self._changed:
            self._motion()
            self._lease.refuse_if_taken(operator)
        token = self._issue_token()
        with self._changed:
            self._motion()
            grant = self._lease.give(operator, token)
            self._enter("taken", operator.user_id, "")
            self._silent = None
            self._changed.notify_all()
            return grant

    def take_over(self, operator: Operator, from_token: int) -> Grant:
        """Take the arm from its holder; the motion under way goes on, attended by the new one.

        Raises:
            StaleLease: `from_token` does not hold it any more.
        """
        token = self._issue_token()
        with self._changed:
            self._motion()
            before = self._lease.grant
            grant = self._lease.take_over(operator, from_token, token)
            assert before is not None
            self._enter("taken_over", operator.user_id, f"from {before.operator.name}")
            return grant

    def release(self, token: int, user_id: int) -> None:
        """Hand the arm back. In an attended cell it holds, and waits for the next operator.

        Raises:
            StaleLease: the token does not hold it.
        """
        with self._changed:
            self._motion()
            self._lease.release(token, user_id)
            self._was_alive, self._silent = False, None
            self._report("released", user_id, "")
            if self.attended:
                self._recovering = False
                self._disturb()
        if self.attended:
            self.when_halted()

    def heartbeat(self, token: int, user_id: int) -> None:
        """Hear the holder's page. One that was silent is heard again, but its arm goes on holding.

        Raises:
            StaleLease: the token does not hold the arm.
        """
        with self._changed:
            self._motion()
            self._lease.hear(token, user_id)
            self._was_alive = True

    def go_on(self, token: int, user_id: int) -> None:
        """Let motion go on after a silent page was heard again.

        Raises:
            StaleLease: the token does not hold the arm.
        """
        with self._changed:
            self.heartbeat(token, user_id)
            if self._silent is not None:
                self._silent = None
                self._report("go_on", user_id, "")
                self._changed.notify_all()

    def require_operator(self, token: int | None, user_id: int) -> None:
        """Check that an act that moves the arm comes from who holds it, in an attended cell on a page that is
        alive; where nobody attends and nobody holds it, anybody may.

        Raises:
            StaleLease: somebody else holds it, or nobody does in an attended cell.
            SilentPage: nobody attends the arm, which moves only if somebody does.
        """
        with self._changed:
            self._motion()
            if self.attended or self._lease.is_alive or token is not None:
                self._lease.require(token if token is not None else 0, user_id)
            if self.attended and not self._lease.is_alive:
                raise SilentPage

    def begin_recovery(self, token: int | None, user_id: int) -> None:
        """Allow the way home after a stop; jobs wait until it has ended.

        Raises:
            StaleLease: the asker may not move the arm.
            Disturbed: nothing was stopped, or the arm goes home already.
        """
        with self._changed:
            self.require_operator(token, user_id)
            if self._stopped_by is None or self._recovering:
                raise Disturbed("The arm was not stopped, or goes home already: there is nothing to recover.")
            self._recovering, self._silent, self._held_at_s = True, None, None
            self._report("recover", user_id, "")

    def end_recovery(self, *, home: bool) -> None:
        """The way home has ended: at home, or before it, where the stop stays in force."""
        with self._changed:
            if home and self._recovering:
                self._stopped_by, self._lost = None, ""
                self._report("recovered", None, "")
            self._recovering = False
            self._asked_s = -math.inf  # what moves next has not begun
            self._changed.notify_all()

    # Shown to people.

    @property
    def motion_and_reason(self) -> tuple[Motion, str]:
        """The state, and why the arm does not move, with what to do; empty where it may."""
        with self._changed:
            return self._motion(), self._why()

    def state(self) -> dict[str, Any]:
        """All of it, as JSON values.

        `held_at_s` is the monotonic time of this machine at which the first control step after the last stop
        or hold was asked for and refused; None until then.
        """
        with self._changed:
            return {
                "motion": self._motion(),
                "note": self._why(),
                "attended": self.attended,
                "waiting": self._waiting,
                "moving": self._clock() - self._asked_s < _MOVING_S and self._held_at_s is None,
                "held_at_s": self._held_at_s,
                "lease": self._lease.state(),
            }

    def _enter(self, kind: EventKind, user_id: int, detail: str) -> None:
        self._was_alive = True
        self._report(kind, user_id, detail)

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
