"""The page of one's own account. An act answers with the page's content anew."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.accounts.browser_name import browser_name
from app.accounts.current_user import AskerDep, CurrentUser, SignedIn
from app.accounts.models import User
from app.accounts.own_account import (
    MOST_TOKEN_DAYS,
    make_token,
    rename,
    revoke_token,
    set_password,
    sign_out_everywhere,
    sign_out_session,
)
from app.accounts.passwords import LEAST_LENGTH, check_strength, hash_password, is_right
from app.accounts.permissions import scopes_of
from app.accounts.provider import provider_name
from app.accounts.repository import AccountRepository
from app.accounts.sign_in import Visitor
from app.accounts.sign_in_limits import SignInLimitsDep
from app.platform.errors import Invalid
from app.platform.model import now
from app.platform.pages import Pages
from app.platform.requests import DatabaseDep, PagesDep, SessionDep, SettingsDep
from app.platform.settings import Settings

router = APIRouter(prefix="/account")


@router.get("")
def show(
    request: Request,
    user: CurrentUser,
    session: SessionDep,
    settings: SettingsDep,
    pages: PagesDep,
) -> Response:
    return pages.render(request, "accounts/account.html", _account(request, session, settings, user))


@router.post("/name")
def change_name(
    request: Request,
    user: CurrentUser,
    session: SessionDep,
    settings: SettingsDep,
    pages: PagesDep,
    name: Annotated[str, Form()],
) -> Response:
    rename(session, user, name)
    return _changed(request, session, settings, pages, user, f"You are called {user.name} from now on.")


@router.post("/password")
def change_password(
    request: Request,
    asker: AskerDep,
    database: DatabaseDep,
    settings: SettingsDep,
    limits: SignInLimitsDep,
    pages: PagesDep,
    password: Annotated[str, Form()],
    former: Annotated[str, Form()] = "",
) -> Response:
    """Hashing is slow, so it happens between two transactions."""
    with database.reading() as session:
        stored = AccountRepository(session).password(asker.id)
    if stored is not None:
        limits.count(Visitor.of(request).address, asker.name)
        if not is_right(former, stored.hash):
            raise Invalid("That is not your present password. Ask an admin to reset it.", field="former")
    check_strength(password, asker.name)
    hashed = hash_password(password)
    with database.transaction() as session:
        user = session.get_one(User, asker.id)
        set_password(session, user, hashed, asker.session_id)
        said = "The password is set. Other browsers of yours are signed out."
        return _changed(request, session, settings, pages, user, said)


@router.post("/sessions/everywhere/end")
def end_all_sessions(user: CurrentUser, session: SessionDep) -> Response:
    sign_out_everywhere(session, user)
    return Response(headers={"HX-Redirect": "/sign-in"})


@router.post("/sessions/{session_id}/end")
def end_one_session(
    request: Request,
    session_id: int,
    user: CurrentUser,
    session: SessionDep,
    settings: SettingsDep,
    pages: PagesDep,
) -> Response:
    sign_out_session(session, user, session_id)
    return _changed(request, session, settings, pages, user, "That browser is signed out.")


@router.post("/tokens")
def make(
    request: Request,
    user: CurrentUser,
    session: SessionDep,
    settings: SettingsDep,
    pages: PagesDep,
    token_name: Annotated[str, Form()],
    scope: Annotated[str, Form()],
    days: Annotated[int, Form()],
) -> Response:
    secret = make_token(session, user, token_name, scope, days)
    return _changed(request, session, settings, pages, user, "The token is made.", new_token=secret)


@router.post("/tokens/{token_id}/revoke")
def revoke(
    request: Request,
    token_id: int,
    user: CurrentUser,
    session: SessionDep,
    settings: SettingsDep,
    pages: PagesDep,
) -> Response:
    revoke_token(session, user, token_id)
    return _changed(request, session, settings, pages, user, "The token is revoked.")


def _changed(
    request: Request, session: Session, settings: Settings, pages: Pages, user: User, said: str, **more: Any
) -> Response:
    session.flush()
    context = _account(request, session, settings, user) | {"said": said} | more
    answer = pages.render(request, "accounts/_account.html", context)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _account(request: Request, session: Session, settings: Settings, user: User) -> dict[str, Any]:
    accounts, asker = AccountRepository(session), request.state.user
    assert isinstance(asker, SignedIn)
    return {
        "account": user,
        "has_password": accounts.password(user.id) is not None,
        "least_length": LEAST_LENGTH,
        "sessions": [(each, browser_name(each.browser)) for each in accounts.sessions_of(user.id, now())],
        "this_session": asker.session_id,
        "tokens": accounts.tokens_of(user.id),
        "scopes": scopes_of(user.role),
        "most_days": MOST_TOKEN_DAYS,
        "provider": provider_name(settings),
        "linked": accounts.is_linked(user.id, settings.oidc_issuer),
        "present": now(),
        "new_token": None,
        "said": None,
    }
