"""Passwords: argon2 hashes, and what is too weak to be one.

Hashing takes some tens of milliseconds on purpose: never do it inside a transaction, SQLite has one writer.
"""

from functools import cache
from typing import Final

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from app.accounts.secret import make_secret
from app.platform.errors import Invalid

LEAST_LENGTH: Final = 12
MOST_LENGTH: Final = 128
LEAST_KINDS: Final = 5
"""Different characters in a password: "aaaaaaaaaaaa" is long, and the first that is guessed."""
_GUESSED_FIRST: Final = ("password", "passwort", "hndp", "123456", "qwerty", "letmein", "franka", "admin")

_hasher: Final = PasswordHash((Argon2Hasher(),))


def check_strength(password: str, name: str) -> None:
    """Length counts, not the kinds of characters.

    Raises:
        Invalid: too short, too long, or among what is guessed first.
    """
    if len(password) < LEAST_LENGTH:
        raise Invalid(
            f"A password has at least {LEAST_LENGTH} characters: three or four words do.", field="password"
        )
    if len(password) > MOST_LENGTH:
        raise Invalid(f"A password has at most {MOST_LENGTH} characters.", field="password")
    rest = password.casefold()
    for known in (*_GUESSED_FIRST, name.casefold()):
        rest = rest.replace(known, "")
    if len(set(rest)) < LEAST_KINDS:
        raise Invalid("This password is guessed early: use words that nobody expects.", field="password")


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
