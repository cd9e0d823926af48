"""Who may move the arm: one operator's page at a time, by a token that only rises.

A page that falls silent keeps its token until somebody takes the arm: after a hiccup of the network it is
heard again under it. What an older token still asks for is refused, however late it comes.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from app.platform.errors import Conflict

HEARTBEAT_S: Final = 0.25
"""Time between two signs of life of the page that holds the arm."""

LOST_AFTER_S: Final = 1.0
"""Silence after which nobody is taken to attend."""


@dataclass(frozen=True)
class Operator:
    """A person at one page; two pages of one person are two operators' stations.

    Attributes:
        user_id: of the account
        name: as others see it
        page: random name of the page, or tab
    """

    user_id: int
    name: str
    page: str


@dataclass(frozen=True)
class Grant:
    """The arm in somebody's hands."""

    token: int
    operator: Operator


class ArmTaken(Conflict):
    """Somebody else holds the arm."""

    def __init__(self, holder: Operator, asker: Operator) -> None:
        own = holder.user_id == asker.user_id
        who = "You hold the arm on another page" if own else f"{holder.name} holds the arm"
        super().__init__(f"{who}. Hand it back there, or take it over here.")


class StaleLease(Conflict):
    """An act under a token that does not hold the arm, or no longer."""

    def __init__(self, holder: Operator | None) -> None:
        now = f"{holder.name} holds the arm now" if holder is not None else "Nobody holds the arm"
        super().__init__(f"{now}: nothing was done. Take the arm on this page first.")


class SilentPage(StaleLease):
    """An act of who holds the arm of an attended cell, whose page is not heard."""

    def __init__(self) -> None:
        Conflict.__init__(
            self,
            "The page that holds the arm was not heard within the last second: nothing was done. Open it, or "
            "take the arm on the page that you look at.",
        )


class NeedsPage(Conflict):
    """A program that asks for what a page in front of a person says by being there."""

    def __init__(self) -> None:
        super().__init__(
            "This arm moves only while somebody attends it: no program stands in for them. Take the arm on "
            "the page of the cell; a program may then act under the token of that page."
        )


class Lease:
    """The grant in force and when its page was last heard. Not thread-safe: its guard locks.

    Time is monotonic, so that setting the clock of the machine changes nothing.

    Args:
        last_token: highest token that was ever given out
        clock: seconds that never run backwards
    """

    def __init__(self, last_token: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._last_token = last_token
        self._clock = clock
        self._grant: Grant | None = None
        self._heard_s = 0.0

    @property
    def grant(self) -> Grant | None:
        return self._grant

    @property
    def is_alive(self) -> bool:
        """Whether somebody holds the arm whose page was heard within the last second."""
        return self._grant is not None and self._clock() - self._heard_s <= LOST_AFTER_S

    def state(self) -> dict[str, Any] | None:
        """Who holds the arm under which token, and whether their page is alive, as JSON values."""
        if self._grant is None:
            return None
        holder = self._grant.operator
        return {
            "token": self._grant.token,
            "holder": holder.name,
            "user_id": holder.user_id,
            "alive": self.is_alive,
        }

    def refuse_if_taken(self, asker: Operator) -> None:
        """
        Raises:
            ArmTaken: another page holds the arm, and is alive.
        """
        if self._grant is not None and self.is_alive and self._grant.operator != asker:
            raise ArmTaken(self._grant.operator, asker)

    def give(self, operator: Operator, token: int) -> Grant:
        """Give the free arm to an operator.

        Raises:
            ArmTaken: another page holds it, and is alive.
            StaleLease: the token is not the highest.
        """
        self.refuse_if_taken(operator)
        return self._give(operator, token)

    def take_over(self, operator: Operator, from_token: int, token: int) -> Grant:
        """Give the arm to an operator who names the token that it is taken from.

        Raises:
            StaleLease: somebody else holds the arm by now, or nobody does.
        """
        if self._grant is None or self._grant.token != from_token:
            raise StaleLease(self._grant.operator if self._grant else None)
        return self._give(operator, token)

    def require(self, token: int, user_id: int) -> Operator:
        """Return the holder. To act is no sign of life: that comes from their page.

        Raises:
            StaleLease: the token does not hold the arm, or is somebody else's.
        """
        grant = self._grant
        if grant is None or grant.token != token or grant.operator.user_id != user_id:
            raise StaleLease(grant.operator if grant else None)
        return grant.operator

    def hear(self, token: int, user_id: int) -> None:
        """Take a sign of life of the holder's page.

        Raises:
            StaleLease: the token does not hold the arm, or is somebody else's.
        """
        self.require(token, user_id)
        self._heard_s = self._clock()

    def release(self, token: int, user_id: int) -> Operator:
        """Hand the arm back.

        Raises:
            StaleLease: the token does not hold the arm.
        """
        operator = self.require(token, user_id)
        self._grant = None
        return operator

    def _give(self, operator: Operator, token: int) -> Grant:
        if token <= self._last_token:
            raise StaleLease(self._grant.operator if self._grant else None)
        self._last_token, self._grant, self._heard_s = token, Grant(token, operator), self._clock()
        return self._grant
