"""Who sends the request, by the signed session cookie."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

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


def current_user(request: Request, session: SessionDep) -> User:
    """Return the signed-in user; pages then know it as `user`.

    Raises:
        NotSignedIn: no session, or its user is gone.
        NotAllowed: a viewer wants to change something.
    """
    user_id = request.session.get(SESSION_USER)
    user = AccountRepository(session).user(user_id) if user_id is not None else None
    if user is None:
        raise NotSignedIn(f"You are not signed in. Open the link that the studio printed. {NEW_LINK}")
    request.state.user = SignedIn(user.name, user.role)
    if user.role == "viewer" and request.method not in SAFE_METHODS:
        raise NotAllowed("Viewers look on but change nothing. Ask an admin for another role.")
    return user


CurrentUser = Annotated[User, Depends(current_user)]
