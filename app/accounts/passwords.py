"""Passwords: argon2 hashes, and what is too weak to be one.

Hashing takes some tens of milliseconds on purpose: never do it inside a transaction, SQLite has one writer.
"""

from functools import cache
from threading import Lock
from typing import Final

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from app.accounts.secret import make_secret
from app.platform.errors import Invalid

LEAST_LENGTH: Final = 12
MOST_LENGTH: Final = 128
LEAST_GUESSES: Final = 1e10
"""Estimated tries that must precede a password: three words that do not belong together take more."""

_EXPECTED_HERE: Final = ("hndp", "franka", "panda", "emika", "studio", "robot")
_LEAST_PART: Final = 3
"""Letters of a part of a name that is looked for in a password: shorter ones stand in other words, too."""
_ESTIMATED: Final = 32
"""Characters that are estimated: the time grows with their cube, and so many of any strength are enough."""

_hasher: Final = PasswordHash((Argon2Hasher(),))
_estimating: Final = Lock()


def check_strength(password: str, name: str) -> None:
    """Length and rarity count, not the kinds of characters. `name` is the user's own.

    Raises:
        Invalid: too short, too long, or among what is guessed early.
    """
    if len(password) < LEAST_LENGTH:
        raise Invalid(
            f"A password has at least {LEAST_LENGTH} characters: three or four words do.", field="password"
        )
    if len(password) > MOST_LENGTH:
        raise Invalid(f"A password has at most {MOST_LENGTH} characters.", field="password")
    if _guesses(password, name) < LEAST_GUESSES:
        raise Invalid(
            "This password is guessed early: it is a common one, or made of what is expected here. "
            "Take three or four words that do not belong together.",
            field="password",
        )


def hash_password(password: str) -> str:
    return _hasher.hash(password)


def is_right(password: str, stored: str | None) -> bool:
    """Whether a password fits its hash. Without a hash, as for nobody's name, it is wrong after as long."""
    if len(password) > MOST_LENGTH:
        password, stored = "", None
    fits = _hasher.verify(password, stored or _decoy())
    return fits and stored is not None


@cache
def _decoy() -> str:
    return _hasher.hash(make_secret())


def _guesses(password: str, name: str) -> float:
    """How many tries come before a password, by zxcvbn: its lists of common passwords, names and words, rows
    of keys, dates, repetitions. The user's name and what a stranger expects here count nothing.
    """
    from zxcvbn import zxcvbn  # its lists take a while to load, and few requests set a password

    parts = [part for part in name.casefold().split() if len(part) >= _LEAST_PART]
    expected = [*parts, *_EXPECTED_HERE]
    rest = password.casefold()
    for word in expected:
        rest = rest.replace(word, " ")
    with _estimating:  # it keeps the words it is given in a dictionary of its module
        return float(zxcvbn(rest[:_ESTIMATED], user_inputs=expected)["guesses"])
