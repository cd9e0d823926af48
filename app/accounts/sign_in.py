"""The ways to sign in, and what begins and ends with it: a session in one browser.

Each function opens its own short transactions: the time that a password takes must hold up no label.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy.orm import Session
from starlette.requests import Request

from app.accounts.current_user import SignedIn
from app.accounts.models import BrowserSession, User
from app.accounts.passwords import is_right
from app.accounts.repository import AccountRepository
from app.accounts.secret import hash_secret, make_secret
from app.accounts.service import redeem_sign_in_token
from app.accounts.sign_in_limits import SignInLimits, TooManyTries
from app.audit.service import audit
from app.platform.database import Database
from app.platform.errors import NotSignedIn
from app.platform.model import now

SESSION_LIFE: Final = timedelta(days=14)


@dataclass(frozen=True)
class Visitor:
    """Where a request comes from, and who is signed in there already."""

    address: str
    browser: str
    signed_in: SignedIn | None = None

    @classmethod
    def of(cls, request: Request) -> "Visitor":
        address = request.client.host if request.client is not None else ""
        return cls(address[:64], request.headers.get("user-agent", "")[:200], request.state.user)


def sign_in_by_link(database: Database, limits: SignInLimits, visitor: Visitor, token: str) -> str:
    """Use a one-time link up; return the key of the session that it begins.

    Raises:
        TooManyTries, NotSignedIn: with the remedy; the failure is audited.
    """
    limits.count(visitor.address)
    try:
        with database.transaction() as session:
            return begin_session(session, redeem_sign_in_token(session, token), "link", visitor)
    except NotSignedIn as refusal:
        _note_failure(database, visitor, refusal.message)
        raise


def sign_in_by_password(
    database: Database, limits: SignInLimits, visitor: Visitor, name: str, password: str
) -> str:
    """Check a password; return the key of the session that it begins.

    Whether the name is unknown, the password wrong or absent, or the user deactivated: answer and time are
    alike.

    Raises:
        TooManyTries: for this name, or from this address.
        NotSignedIn: name and password do not fit. Both failures are audited.
    """
    try:
        limits.count(visitor.address, name)
    except TooManyTries:
        _note_failure(database, visitor, f"too many tries, last as {name.strip()[:80]!r}")
        raise
    with database.reading() as session:
        accounts = AccountRepository(session)
        user = accounts.user_named(name.strip())
        stored = accounts.password(user.id) if user is not None and user.deactivated_at is None else None
        stored_hash = stored.hash if stored is not None else None
    if not is_right(password, stored_hash) or user is None:
        _note_failure(database, visitor, f"password of {name.strip()[:80]!r}")
        raise NotSignedIn("Name and password do not fit. Try again, or use a one-time link.")
    limits.forgive(name)
    with database.transaction() as session:
        return begin_session(session, session.get_one(User, user.id), "password", visitor)


def begin_session(session: Session, user: User, way: str, visitor: Visitor) -> str:
    """Begin a session, and end the one before in that browser; return its key, which only the cookie keeps.

    Raises:
        NotSignedIn: the user is deactivated.
    """
    if user.deactivated_at is not None:
        raise NotSignedIn(f"{user.name} is deactivated here. Ask an admin.")
    key, at = make_secret(), now()
    accounts, former = AccountRepository(session), visitor.signed_in
    if former is not None and former.session_id is not None:
        accounts.end_session(former.session_id, former.id, at)
    accounts.add(
        BrowserSession(
            key_hash=hash_secret(key),
            user_id=user.id,
            way=way,
            address=visitor.address,
            browser=visitor.browser,
            seen_at=at,
            expires_at=at + SESSION_LIFE,
        )
    )
    audit(session, user, "signed_in", f"by {way}", address=visitor.address)
    return key


def _note_failure(database: Database, visitor: Visitor, about: str) -> None:
    with database.transaction() as session:
        audit(session, None, "sign_in_failed", about, address=visitor.address)
