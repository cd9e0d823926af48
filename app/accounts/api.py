"""Who asks; and, for admins, everybody else."""

from typing import Literal

from fastapi.responses import Response

from app.accounts.administration import change_role, deactivate, invite, issue_link, reactivate, reset
from app.accounts.current_user import AskerDep, CurrentUser
from app.accounts.models import User
from app.accounts.repository import AccountRepository
from app.accounts.resources import (
    AskerResource,
    Invitation,
    InvitedUser,
    ListedUser,
    RoleChange,
    UserResource,
)
from app.api.paging import Page, PagerDep
from app.api.resource_route import IfMatch, RowId, check_unchanged, resource_router
from app.platform.errors import NotFound
from app.platform.requests import SessionDep, SettingsDep

router = resource_router("Users")


@router.get("/users/me")
def get_me(asker: AskerDep, user: CurrentUser) -> AskerResource:
    """Who asks, and what they may do."""
    return AskerResource(
        user=UserResource.of(user), may=sorted(asker.grants), by_token=asker.token_id is not None
    )


@router.get("/users")
def list_users(session: SessionDep, pager: PagerDep) -> Page[ListedUser]:
    """Everybody, in the order in which they came."""
    accounts = AccountRepository(session)
    rows = pager.oldest_first(session, accounts.selected(), User.id)
    seen, with_password = accounts.last_seen(), accounts.with_password()
    return pager.page(rows, lambda row: ListedUser.seen(row, seen.get(row.id), row.id in with_password))


@router.post("/users", status_code=201)
def invite_user(
    form: Invitation, admin: CurrentUser, session: SessionDep, settings: SettingsDep, response: Response
) -> InvitedUser:
    """Add a user; they sign in by the one-time address in the answer."""
    response.headers["Cache-Control"] = "no-store"
    return InvitedUser.of(*invite(session, admin, form.name, form.role, settings.sign_in_minutes))


@router.get("/users/{user_id}")
def get_user(user_id: RowId, session: SessionDep) -> UserResource:
    """One user."""
    return UserResource.of(_user(session, user_id))


@router.put("/users/{user_id}/role")
def put_role(
    user_id: RowId, form: RoleChange, admin: CurrentUser, session: SessionDep, if_match: IfMatch = None
) -> UserResource:
    """Give somebody another role; they sign in anew. `If-Match` is the tag of the user."""
    check_unchanged(if_match, UserResource.of(_user(session, user_id)))
    return UserResource.of(change_role(session, admin, user_id, form.role))


@router.post("/users/{user_id}/link")
def issue_sign_in_link(
    user_id: RowId, admin: CurrentUser, session: SessionDep, settings: SettingsDep, response: Response
) -> InvitedUser:
    """Make another one-time address by which somebody signs in."""
    response.headers["Cache-Control"] = "no-store"
    return InvitedUser.of(*issue_link(session, admin, user_id, settings.sign_in_minutes))


@router.post("/users/{user_id}/reset")
def reset_user(
    user_id: RowId, admin: CurrentUser, session: SessionDep, settings: SettingsDep, response: Response
) -> InvitedUser:
    """Take password, sessions and tokens from an account; the answer holds the address of a new beginning."""
    response.headers["Cache-Control"] = "no-store"
    return InvitedUser.of(*reset(session, admin, user_id, settings.sign_in_minutes))


@router.post("/users/{user_id}/{act}")
def change_user(
    user_id: RowId, act: Literal["deactivate", "reactivate"], admin: CurrentUser, session: SessionDep
) -> UserResource:
    """Sign somebody out for good, or let them sign in again."""
    return UserResource.of({"deactivate": deactivate, "reactivate": reactivate}[act](session, admin, user_id))


def _user(session: SessionDep, user_id: int) -> User:
    user = AccountRepository(session).user(user_id)
    if user is None:
        raise NotFound("user", user_id)
    return user
