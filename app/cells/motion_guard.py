"""What people do about the motion of a cell's arm, and what they are told of it.

Anybody stops motion. An operator takes the arm, attends it, lets motion go on after a silence, and brings the
arm home after a stop.
"""

import math
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Final

from app.cells.interlock import Disturbed, Interlock, Report
from app.cells.lease import Grant, Lease, Operator, SilentPage
from app.cells.motion_words import EventKind, Motion

_PRESSES: Final = 256
_MOVING_S: Final = 0.1


class MotionGuard(Interlock):
    """The interlock of one cell, and the acts of people on it and its lease. Thread-safe.

    Args:
        attended, lease, report, stopped_by, clock: as of the interlock
        issue_token: returns the next token, when it is safely stored
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
        super().__init__(attended=attended, lease=lease, report=report, stopped_by=stopped_by, clock=clock)
        self._issue_token = issue_token
        self._presses: deque[str] = deque(maxlen=_PRESSES)

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
