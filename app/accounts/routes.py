"""Sign in by a one-time link, and out again."""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from app.accounts.current_user import SESSION_USER
from app.accounts.service import redeem_sign_in_token
from app.platform.requests import PagesDep, WriteSessionDep

router = APIRouter()


@router.get("/sign-in")
def sign_in(request: Request, session: WriteSessionDep, pages: PagesDep, token: str = "") -> Response:
    if not token:
        return pages.render(request, "accounts/sign_in.html")
    user = redeem_sign_in_token(session, token)
    request.session.clear()
    request.session[SESSION_USER] = user.id
    return RedirectResponse("/", status_code=303)


@router.post("/sign-out")
def sign_out(request: Request) -> Response:
    request.session.clear()
    return RedirectResponse("/sign-in", status_code=303)
