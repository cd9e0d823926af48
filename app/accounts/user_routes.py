"""The page of all users, for admins. An act answers with the list anew."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.accounts.administration import change_role, deactivate, invite, issue_link, reactivate, reset
from app.accounts.current_user import CurrentUser
from app.accounts.models import User
from app.accounts.permissions import LADDER
from app.accounts.repository import AccountRepository
from app.platform.requests import PagesDep, SessionDep, SettingsDep
from app.platform.settings import Settings

router = APIRouter(prefix="/users")


class UserList:
    """The list as a request shows it."""

    def __init__(self, request: Request, session: SessionDep, settings: SettingsDep, pages: PagesDep) -> None:
        self._request = request
        self._pages = pages
        self.session = session
        self.settings = settings

    def whole(self) -> Response:
        """The page."""
        return self._pages.render(self._request, "accounts/users.html", _users(self.session, self.settings))

    def after(self, said: str, guest: User | None = None, token: str = "") -> Response:
        """The list as it is now, with what was done, and a link that is shown this once."""
        self.session.flush()
        context = _users(self.session, self.settings) | {"said": said}
        if guest is not None:
            context |= {"guest": guest, "link": _link(self._request, self.settings, token)}
        answer = self._pages.render(self._request, "accounts/_users.html", context)
        answer.headers["Cache-Control"] = "no-store"
        return answer


UserListDep = Annotated[UserList, Depends()]


@router.get("")
def listing(users: UserListDep) -> Response:
    return users.whole()


@router.post("")
def add(
    admin: CurrentUser, users: UserListDep, name: Annotated[str, Form()], role: Annotated[str, Form()]
) -> Response:
    user, token = invite(users.session, admin, name, role, users.settings.sign_in_minutes)
    return users.after(f"{user.name} is added.", user, token)


@router.post("/{user_id}/link")
def new_link(user_id: int, admin: CurrentUser, users: UserListDep) -> Response:
    user, token = issue_link(users.session, admin, user_id, users.settings.sign_in_minutes)
    return users.after(f"There is a link for {user.name}.", user, token)


@router.post("/{user_id}/reset")
def reset_account(user_id: int, admin: CurrentUser, users: UserListDep) -> Response:
    user, token = reset(users.session, admin, user_id, users.settings.sign_in_minutes)
    return users.after(f"The account of {user.name} is reset.", user, token)


@router.post("/{user_id}/role")
def set_role(user_id: int, admin: CurrentUser, users: UserListDep, role: Annotated[str, Form()]) -> Response:
    user = change_role(users.session, admin, user_id, role)
    return users.after(f"{user.name} is {user.role} now, and signs in anew.")


@router.post("/{user_id}/deactivate")
def deactivate_user(user_id: int, admin: CurrentUser, users: UserListDep) -> Response:
    user = deactivate(users.session, admin, user_id)
    return users.after(f"{user.name} is signed out and stays out.")


@router.post("/{user_id}/reactivate")
def reactivate_user(user_id: int, admin: CurrentUser, users: UserListDep) -> Response:
    user = reactivate(users.session, admin, user_id)
    return users.after(f"{user.name} may sign in again.")


def _users(session: Session, settings: Settings) -> dict[str, Any]:
    accounts = AccountRepository(session)
    return {
        "users": accounts.users(),
        "last_seen": accounts.last_seen(),
        "with_password": accounts.with_password(),
        "roles": LADDER,
        "minutes": settings.sign_in_minutes,
        "guest": None,
        "link": None,
        "said": None,
    }


def _link(request: Request, settings: Settings, token: str) -> str:
    """Under the address by which the admin reaches the studio, unless the settings name one."""
    base = settings.public_url or str(request.base_url)
    return f"{base.rstrip('/')}/sign-in?token={token}"
