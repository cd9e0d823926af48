"""The moment in which a browser is given its session."""

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from app.accounts.current_user import SESSION_KEY


def enter(request: Request, key: str) -> Response:
    """Give the browser a new session and lead it home; nothing of an earlier one is kept."""
    request.session.clear()
    request.session[SESSION_KEY] = key
    return RedirectResponse("/", status_code=303)
