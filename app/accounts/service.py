"""Who may act: users and the one-time links with which they sign in."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from app.accounts.models import ROLES, SignInToken, User
from app.accounts.repository import AccountRepository
from app.accounts.secret import hash_secret, make_secret
from app.platform.errors import Invalid, NotSignedIn
from app.platform.model import now

DEFAULT_USER: Final = "Operator"
SIMULATED_OPERATOR: Final = "Simulated operator"
NEW_LINK: Final = "For a new link ask an admin, or type `hndp sign-in-link` where the studio runs."


def ensure_user(session: Session, name: str, role: str = "admin") -> User:
    """Return the user of that name, making it with the role when there is none.

    Raises:
        Invalid: an empty or overlong name, or an unknown role.
    """
    name = valid_name(name)
    if role not in ROLES:
        raise Invalid(f"There is no role {role!r}. Available: {', '.join(ROLES)}.", field="role")
    accounts = AccountRepository(session)
    user = accounts.user_named(name)
    if user is None:
        user = User(name=name, role=role)
        accounts.add(user)
    return user


def valid_name(name: str) -> str:
    """Return a user's name without space around it.

    Raises:
        Invalid: it is empty or too long.
    """
    name = name.strip()
    if not 1 <= len(name) <= 80:
        raise Invalid("A user's name has 1 to 80 characters.", field="name")
    return name


def studio_admin(session: Session) -> User:
    """Return whom the link signs in that the studio prints at its start: the admin who has been there
    longest. The first start makes one.
    """
    return AccountRepository(session).first_admin() or ensure_user(session, DEFAULT_USER, "admin")


def issue_sign_in_token(session: Session, user: User, valid_minutes: int) -> str:
    """Return a new one-time token for the user; the database keeps only its hash.

    Raises:
        Invalid: a simulated operator, one who came with an imported experiment, or who is deactivated.
    """
    if user.is_simulated:
        raise Invalid(f"{user.name} is simulated: nobody signs in as it. Choose another name.", field="name")
    if user.imported_from is not None:
        raise Invalid(
            f"{user.name} came with the experiment {user.imported_from!r} of another server: nobody signs in "
            "as its authors. Choose another name.",
            field="name",
        )
    if user.deactivated_at is not None:
        raise Invalid(f"{user.name} is deactivated. An admin can reactivate them under Users.", field="name")
    token = make_secret()
    expires_at = now() + timedelta(minutes=valid_minutes)
    AccountRepository(session).add(
        SignInToken(token_hash=hash_secret(token), user_id=user.id, expires_at=expires_at)
    )
    return token


def redeem_sign_in_token(session: Session, token: str, at: datetime | None = None) -> User:
    """Use a token up and return whom it signs in.

    Raises:
        NotSignedIn: the token is unknown, used or expired; says which, and how to get a new link.
    """
    accounts = AccountRepository(session)
    token_hash = hash_secret(token)
    if accounts.use_token(token_hash, at or now()):
        stored = accounts.token(token_hash)
        assert stored is not None
        return stored.user
    stored = accounts.token(token_hash)
    if stored is None:
        raise NotSignedIn(f"This sign-in link is not known here. {NEW_LINK}")
    if stored.used_at is not None:
        raise NotSignedIn(f"This sign-in link was already used: each works once. {NEW_LINK}")
    raise NotSignedIn(f"This sign-in link has expired. {NEW_LINK}")
