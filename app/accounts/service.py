"""Who may act: users and the one-time links with which they sign in."""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy.orm import Session

from app.accounts.models import ROLES, SignInToken, User
from app.accounts.repository import AccountRepository
from app.platform.errors import Invalid, NotSignedIn
from app.platform.model import now

DEFAULT_USER = "Operator"
SIMULATED_OPERATOR = "Simulated operator"
NEW_LINK = "For a new link, type `hndp sign-in-link` where the studio runs, or restart it."


def ensure_user(session: Session, name: str, role: str = "admin") -> User:
    """Return the user of that name, making it with the role when there is none.

    Raises:
        Invalid: an empty or overlong name, an unknown role, or a name that belongs to a simulated operator.
    """
    name = name.strip()
    if not 1 <= len(name) <= 80:
        raise Invalid("A user's name has 1 to 80 characters.", field="name")
    if role not in ROLES:
        raise Invalid(f"There is no role {role!r}. Available: {', '.join(ROLES)}.", field="role")
    accounts = AccountRepository(session)
    user = accounts.user_named(name)
    if user is None:
        user = User(name=name, role=role)
        accounts.add(user)
    return user


def issue_sign_in_token(session: Session, user: User, valid_minutes: int) -> str:
    """Return a new one-time token for the user; the database keeps only its hash.

    Raises:
        Invalid: a simulated operator, or one who came with an imported experiment: nobody signs in as them.
    """
    if user.is_simulated:
        raise Invalid(f"{user.name} is simulated: nobody signs in as it. Choose another name.", field="name")
    if user.imported_from is not None:
        raise Invalid(
            f"{user.name} came with the experiment {user.imported_from!r} of another server: nobody signs in "
            "as its authors. Choose another name.",
            field="name",
        )
    token = secrets.token_urlsafe(32)
    expires_at = now() + timedelta(minutes=valid_minutes)
    AccountRepository(session).add(
        SignInToken(token_hash=_hash(token), user_id=user.id, expires_at=expires_at)
    )
    return token


def redeem_sign_in_token(session: Session, token: str, at: datetime | None = None) -> User:
    """Use a token up and return whom it signs in.

    Raises:
        NotSignedIn: the token is unknown, used or expired; says which, and how to get a new link.
    """
    accounts = AccountRepository(session)
    if accounts.use_token(_hash(token), at or now()):
        stored = accounts.token(_hash(token))
        assert stored is not None
        return stored.user
    stored = accounts.token(_hash(token))
    if stored is None:
        raise NotSignedIn(f"This sign-in link is not known here. {NEW_LINK}")
    if stored.used_at is not None:
        raise NotSignedIn(f"This sign-in link was already used: each works once. {NEW_LINK}")
    raise NotSignedIn(f"This sign-in link has expired. {NEW_LINK}")


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()
