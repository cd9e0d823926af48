"""The page of all users, for admins. An act answers with the list anew."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.accounts.administration import change_role, deactivate, invite, issue_link, reactivate, reset
from app.accounts.current_user import CurrentUser
from app.accounts.models import User
from app.accounts.permissions import LADDER
from app.accounts.repository import AccountRepository
from app.platform.pages import Pages
from app.platform.requests import PagesDep, SessionDep, SettingsDep
from app.platform.settings import Settings

router = APIRouter(prefix="/users")


@router.get("")
def listing(request: Request, session: SessionDep, settings: SettingsDep, pages: PagesDep) -> Response:
    return pages.render(request, "accounts/users.html", _users(session, settings))


@router.post("")
def add(
    request: Request,
    admin: CurrentUser,
    session: SessionDep,
    settings: SettingsDep,
    pages: PagesDep,
    name: Annotated[str, Form()],
    role: Annotated[str, Form()],
) -> Response:
    user, token = invite(session, admin, name, role, settings.sign_in_minutes)
    return _changed(request, session, settings, pages, f"{user.name} is added.", user, token)


@router.post("/{user_id}/link")
def new_link(
    request: Request,
    user_id: int,
    admin: CurrentUser,
    session: SessionDep,
    settings: SettingsDep,
    pages: PagesDep,
) -> Response:
    user, token = issue_link(session, admin, user_id, settings.sign_in_minutes)
    return _changed(request, session, settings, pages, f"There is a link for {user.name}.", user, token)


@router.post("/{user_id}/reset")
def reset_account(
    request: Request,
    user_id: int,
    admin: CurrentUser,
    session: SessionDep,
    settings: SettingsDep,
    pages: PagesDep,
) -> Response:
    user, token = reset(session, admin, user_id, settings.sign_in_minutes)
    return _changed(request, session, settings, pages, f"The account of {user.name} is reset.", user, token)


@router.post("/{user_id}/role")
def set_role(
    request: Request,
    user_id: int,
    admin: CurrentUser,
    session: SessionDep,
    settings: SettingsDep,
    pages: PagesDep,
    role: Annotated[str, Form()],
) -> Response:
    user = change_role(session, admin, user_id, role)
    said = f"{user.name} is {user.role} now, and signs in anew."
    return _changed(request, session, settings, pages, said)


@router.post("/{user_id}/deactivate")
def deactivate_user(
    request: Request,
    user_id: int,
    admin: CurrentUser,
    session: SessionDep,
    settings: SettingsDep,
    pages: PagesDep,
) -> Response:
    user = deactivate(session, admin, user_id)
    return _changed(request, session, settings, pages, f"{user.name} is signed out and stays out.")


@router.post("/{user_id}/reactivate")
def reactivate_user(
    request: Request,
    user_id: int,
    admin: CurrentUser,
    session: SessionDep,
    settings: SettingsDep,
    pages: PagesDep,
) -> Response:
    user = reactivate(session, admin, user_id)
    return _changed(request, session, settings, pages, f"{user.name} may sign in again.")


def _changed(
    request: Request,
    session: Session,
    settings: Settings,
    pages: Pages,
    said: str,
    guest: User | None = None,
    token: str = "",
) -> Response:
    """The list as it is now, with what was done, and a link that is shown this once."""
    session.flush()
    context = _users(session, settings) | {"said": said}
    if guest is not None:
        context |= {"guest": guest, "link": _link(request, settings, token)}
    answer = pages.render(request, "accounts/_users.html", context)
    answer.headers["Cache-Control"] = "no-store"
    return answer


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
