"""Who sends the request, by the signed session cookie."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.accounts.repository import AccountRepository
from app.accounts.service import NEW_LINK
from app.platform.errors import NotAllowed, NotSignedIn
from app.platform.requests import SAFE_METHODS, SessionDep

SESSION_USER = "user_id"


@dataclass(frozen=True)
class SignedIn:
    """The user as pages name them: an error page is rendered when the session is gone already."""

    name: str
    role: str


def signed_in(browser: Mapping[str, Any], session: Session) -> User:
    """Return the user of a browser's session cookie, whatever their role.

    Raises:
        NotSignedIn: no session, or its user is gone.
    """
    user_id = browser.get(SESSION_USER)
    user = AccountRepository(session).user(user_id) if user_id is not None else None
    if user is None:
        raise NotSignedIn(f"You are not signed in. Open the link that the studio printed. {NEW_LINK}")
    return user


def refuse_viewer(user: User) -> None:
    """
    Raises:
        NotAllowed: a viewer, who may change nothing.
    """
    if user.role == "viewer":
        raise NotAllowed("Viewers look on but change nothing. Ask an admin for another role.")


def current_user(request: Request, session: SessionDep) -> User:
    """Return the signed-in user; pages then know it as `user`.

    Raises:
        NotSignedIn: no session, or its user is gone.
        NotAllowed: a viewer wants to change something.
    """
    user = signed_in(request.session, session)
    request.state.user = SignedIn(user.name, user.role)
    if request.method not in SAFE_METHODS:
        refuse_viewer(user)
    return user


CurrentUser = Annotated[User, Depends(current_user)]
