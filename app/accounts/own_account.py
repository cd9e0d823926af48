"""What people do to their own account: name, password, sessions, tokens. The caller commits."""

from datetime import timedelta
from typing import Final

from sqlalchemy.orm import Session

from app.accounts.models import ApiToken, Password, User
from app.accounts.permissions import scopes_of
from app.accounts.repository import AccountRepository
from app.accounts.secret import hash_secret, make_secret
from app.accounts.service import valid_name
from app.audit.service import audit
from app.platform.errors import Invalid, NotFound
from app.platform.model import now

MOST_TOKEN_DAYS: Final = 366
TOKEN_PREFIX: Final = "hndp_"
"""So that a token that was pasted somewhere by mistake is recognised."""


def rename(session: Session, user: User, name: str) -> None:
    """
    Raises:
        Invalid: the name cannot be used, or is somebody else's.
    """
    name = valid_name(name)
    other = AccountRepository(session).user_named(name)
    if other is not None and other.id != user.id:
        raise Invalid(f"Somebody here is called {name} already: add a surname, say.", field="name")
    if name != user.name:
        audit(session, user, "user_renamed", f"{user.name} is now {name}")
        user.name = name


def set_password(session: Session, user: User, password_hash: str, session_id: int | None) -> None:
    """Keep a password's hash, and sign the user out in all browsers but this one."""
    accounts = AccountRepository(session)
    stored = accounts.password(user.id)
    if stored is None:
        accounts.add(Password(user_id=user.id, hash=password_hash, set_at=now()))
    else:
        stored.hash, stored.set_at = password_hash, now()
    accounts.end_sessions(user.id, now(), but=session_id)
    audit(session, user, "password_set", "their own")


def sign_out_session(session: Session, user: User, session_id: int) -> None:
    """
    Raises:
        NotFound: the user has no such session.
    """
    if not AccountRepository(session).end_session(session_id, user.id, now()):
        raise NotFound("session", session_id)
    audit(session, user, "signed_out", f"session {session_id}")


def sign_out_everywhere(session: Session, user: User) -> None:
    AccountRepository(session).end_sessions(user.id, now())
    audit(session, user, "signed_out_everywhere")


def make_token(session: Session, user: User, name: str, scope: str, days: int) -> str:
    """Return a new token for programs; the database keeps only its hash.

    Raises:
        Invalid: no name, more than the user's own role may do, or a time that cannot be.
    """
    name = name.strip()
    if not 1 <= len(name) <= 80:
        raise Invalid(
            "Name the token after the program that uses it: 1 to 80 characters.", field="token_name"
        )
    if scope not in scopes_of(user.role):
        raise Invalid(
            f"A token of yours cannot be for {scope}. Available: {', '.join(scopes_of(user.role))}.",
            field="scope",
        )
    if not 1 <= days <= MOST_TOKEN_DAYS:
        raise Invalid(f"A token is valid for 1 to {MOST_TOKEN_DAYS} days.", field="days")
    secret = TOKEN_PREFIX + make_secret()
    row = ApiToken(
        token_hash=hash_secret(secret),
        user_id=user.id,
        name=name,
        scope=scope,
        expires_at=now() + timedelta(days=days),
    )
    AccountRepository(session).add(row)
    audit(session, user, "token_made", f"token {row.id} {name!r} for {scope}, {days} days")
    return secret


def revoke_token(session: Session, user: User, token_id: int) -> None:
    """
    Raises:
        NotFound: the user has no such token.
    """
    for token in AccountRepository(session).tokens_of(user.id):
        if token.id == token_id:
            token.revoked_at = now()
            audit(session, user, "token_revoked", f"token {token.id} {token.name!r}")
            return
    raise NotFound("token", token_id)
