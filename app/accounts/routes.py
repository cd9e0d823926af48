"""Sign in by a one-time link or a password, and out again."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from app.accounts.account_routes import router as account_router
from app.accounts.enter import enter
from app.accounts.provider import provider_name
from app.accounts.provider_routes import router as provider_router
from app.accounts.repository import AccountRepository
from app.accounts.sign_in import Visitor, sign_in_by_link, sign_in_by_password
from app.accounts.sign_in_limits import SignInLimitsDep
from app.accounts.user_routes import router as user_router
from app.audit.service import audit
from app.platform.errors import AppError
from app.platform.model import now
from app.platform.requests import DatabaseDep, PagesDep, SessionDep, SettingsDep

router = APIRouter()
router.include_router(account_router)
router.include_router(user_router)
router.include_router(provider_router)


@router.get("/sign-in")
def sign_in(
    request: Request,
    database: DatabaseDep,
    settings: SettingsDep,
    limits: SignInLimitsDep,
    pages: PagesDep,
    token: str = "",
) -> Response:
    if not token:
        context = {"form": {}, "errors": {}, "provider": provider_name(settings)}
        return pages.render(request, "accounts/sign_in.html", context)
    return enter(request, sign_in_by_link(database, limits, Visitor.of(request), token))


@router.post("/sign-in")
def sign_in_with_password(
    request: Request,
    database: DatabaseDep,
    settings: SettingsDep,
    limits: SignInLimitsDep,
    pages: PagesDep,
    name: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
) -> Response:
    try:
        key = sign_in_by_password(database, limits, Visitor.of(request), name, password)
    except AppError as refusal:
        context = {
            "form": {"name": name},
            "errors": {"password": refusal.message},
            "provider": provider_name(settings),
        }
        return pages.render(request, "accounts/sign_in.html", context, refusal.status_code)
    return enter(request, key)


@router.post("/sign-out")
def sign_out(request: Request, session: SessionDep) -> Response:
    asker = request.state.user
    if asker is not None and asker.session_id is not None:
        AccountRepository(session).end_session(asker.session_id, asker.id, now())
        audit(session, asker, "signed_out", f"session {asker.session_id}")
    request.session.clear()
    # pictures and videos of trials are kept in the browser's memory for a year
    return RedirectResponse("/sign-in", status_code=303, headers={"Clear-Site-Data": '"cache"'})
