"""To the OpenID provider and back."""

from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from app.accounts.enter import enter
from app.accounts.models import User
from app.accounts.provider import Provider, link, user_of
from app.accounts.sign_in import Visitor, begin_session
from app.platform.database import Database
from app.platform.requests import DatabaseDep, SettingsDep

router = APIRouter()

_LINKING: Final = "links_provider"


@router.get("/sign-in/provider")
async def go_to_provider(request: Request, settings: SettingsDep) -> Response:
    base = settings.public_url or str(request.base_url)
    return await Provider(settings).send_there(request, f"{base.rstrip('/')}/sign-in/provider/callback")


@router.post("/account/provider")
def begin_linking(request: Request) -> Response:
    """Remember, in this browser, that its user asked for the link: the way back alone proves nothing."""
    request.session[_LINKING] = request.state.user.id
    return Response(headers={"HX-Redirect": "/sign-in/provider"})


@router.get("/sign-in/provider/callback")
async def come_back(request: Request, database: DatabaseDep, settings: SettingsDep) -> Response:
    claims = await Provider(settings).claims(request)
    asker = request.state.user
    if asker is not None and request.session.pop(_LINKING, None) == asker.id:
        await run_in_threadpool(_link, database, asker.id, claims)
        return RedirectResponse("/account", status_code=303)
    visitor = Visitor.of(request)
    key = await run_in_threadpool(_enter, database, visitor, claims, settings.oidc_new_role)
    return enter(request, key)


def _link(database: Database, user_id: int, claims: dict[str, Any]) -> None:
    with database.transaction() as session:
        link(session, session.get_one(User, user_id), claims)


def _enter(database: Database, visitor: Visitor, claims: dict[str, Any], new_role: str) -> str:
    with database.transaction() as session:
        return begin_session(session, user_of(session, claims, new_role), "provider", visitor)
