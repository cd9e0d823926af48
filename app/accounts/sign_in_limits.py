"""How often somebody may try a password.

Counted in memory: one web process serves a studio, counting must not cost a write for each try of an
attacker, and a restart, which forgets, is the owner's to do. Refusals stand in the audit log, which is in the
database.
"""

from typing import Annotated, Final

from fastapi import Depends, Request
from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from app.platform.errors import AppError

PER_ACCOUNT: Final = "10/15 minutes"
PER_ADDRESS: Final = "60/15 minutes"
"""More than per account, because a lab often has one address for all its people."""


class TooManyTries(AppError):
    """Somebody has tried too often."""

    status_code = 429

    def __init__(self) -> None:
        super().__init__(
            "Too many tries. Wait a quarter of an hour, or use a one-time link: an admin can make one."
        )


class SignInLimits:
    """Counts tries by account and by network address, each in a moving window."""

    def __init__(self, per_account: str = PER_ACCOUNT, per_address: str = PER_ADDRESS) -> None:
        self._per_account: RateLimitItem = parse(per_account)
        self._per_address: RateLimitItem = parse(per_address)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def count(self, address: str, name: str | None = None) -> None:
        """Count one try; unknown names count like known ones, so that the answer tells nothing.

        Raises:
            TooManyTries: it was one too many.
        """
        within = self._limiter.hit(self._per_address, "address", address)
        if name is not None:
            within = self._limiter.hit(self._per_account, "account", _key(name)) and within
        if not within:
            raise TooManyTries

    def forgive(self, name: str) -> None:
        """Forget the tries of an account, whose owner has just signed in."""
        self._limiter.clear(self._per_account, "account", _key(name))


def _key(name: str) -> str:
    return name.strip().casefold()[:80]


def get_sign_in_limits(request: Request) -> SignInLimits:
    return request.app.state.sign_in_limits


SignInLimitsDep = Annotated[SignInLimits, Depends(get_sign_in_limits)]
