"""What admins do to other people's accounts. The caller commits.

Nobody does it to themselves: so one admin is always left.
"""

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.accounts.permissions import LADDER
from app.accounts.repository import AccountRepository
from app.accounts.service import ensure_user, issue_sign_in_token, valid_name
from app.audit.service import audit
from app.platform.errors import Conflict, Invalid, NotFound
from app.platform.model import now


def invite(session: Session, admin: User, name: str, role: str, valid_minutes: int) -> tuple[User, str]:
    """Add a user; return it with the token of its first one-time link.

    Raises:
        Invalid: the name is taken or cannot be used, or there is no such role.
    """
    _check_role(role)
    if AccountRepository(session).user_named(valid_name(name)) is not None:
        raise Invalid(f"Somebody here is called {name.strip()} already: add a surname, say.", field="name")
    user = ensure_user(session, name, role)
    audit(session, admin, "user_added", f"{user.name} as {role}")
    return user, issue_link(session, admin, user.id, valid_minutes)[1]


def issue_link(session: Session, admin: User, user_id: int, valid_minutes: int) -> tuple[User, str]:
    """Return a user and the token of a new one-time link for them.

    Raises:
        NotFound: no such user.
        Invalid: they are deactivated, or simulated.
    """
    user = _user(session, user_id)
    token = issue_sign_in_token(session, user, valid_minutes)
    audit(session, admin, "link_issued", f"for {user.name}")
    return user, token


def change_role(session: Session, admin: User, user_id: int, role: str) -> User:
    """Change somebody's role. It counts at once; they sign in anew, so that no session outlives a role.

    Raises:
        NotFound, Conflict: nobody whose role can be changed.
        Invalid: no such role.
    """
    _check_role(role)
    user = _somebody_else(session, admin, user_id)
    if user.role != role:
        audit(session, admin, "role_changed", f"{user.name}: {user.role} is now {role}")
        user.role = role
        AccountRepository(session).end_sessions(user.id, now())
    return user


def deactivate(session: Session, admin: User, user_id: int) -> User:
    """Sign somebody out for good; their labels keep their name.

    Raises:
        NotFound, Conflict: nobody who can be deactivated.
    """
    user = _somebody_else(session, admin, user_id)
    if user.deactivated_at is None:
        user.deactivated_at = now()
        accounts = AccountRepository(session)
        accounts.end_sessions(user.id, now())
        accounts.use_up_links(user.id, now())
        audit(session, admin, "deactivated", user.name)
    return user


def reactivate(session: Session, admin: User, user_id: int) -> User:
    """Let somebody sign in again, by a new link or the password they had.

    Raises:
        NotFound, Conflict: nobody who can be reactivated.
    """
    user = _somebody_else(session, admin, user_id)
    if user.deactivated_at is not None:
        user.deactivated_at = None
        audit(session, admin, "reactivated", user.name)
    return user


def reset(session: Session, admin: User, user_id: int, valid_minutes: int) -> tuple[User, str]:
    """Take password, sessions, links and tokens from somebody; return the token of a new one-time link.

    Raises:
        NotFound, Conflict: nobody who can be reset.
        Invalid: they are deactivated.
    """
    user = _somebody_else(session, admin, user_id)
    accounts = AccountRepository(session)
    stored = accounts.password(user.id)
    if stored is not None:
        session.delete(stored)
    accounts.end_sessions(user.id, now())
    accounts.use_up_links(user.id, now())
    for token in accounts.tokens_of(user.id):
        token.revoked_at = now()
    audit(session, admin, "password_removed", f"{user.name}, with sessions, links and tokens")
    return issue_link(session, admin, user.id, valid_minutes)


def _user(session: Session, user_id: int) -> User:
    user = AccountRepository(session).user(user_id)
    if user is None:
        raise NotFound("user", user_id)
    return user


def _somebody_else(session: Session, admin: User, user_id: int) -> User:
    user = _user(session, user_id)
    if user.id == admin.id:
        raise Conflict("That is you: ask another admin, so that there is always one left.")
    if user.is_simulated:
        raise Conflict(f"{user.name} is simulated: its account stays as it is.")
    return user


def _check_role(role: str) -> None:
    if role not in LADDER:
        raise Invalid(f"There is no role {role!r}. Available: {', '.join(LADDER)}.", field="role")
