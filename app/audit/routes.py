"""The audit log, for admins. The filter stands in the address, so that a view can be sent on."""

from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from app.audit.repository import AuditFilter, AuditRepository
from app.audit.service import ACTS
from app.platform.requests import PagesDep, SessionDep

router = APIRouter()

PAGE: Final = 50


@router.get("/audit")
def listing(
    request: Request,
    session: SessionDep,
    pages: PagesDep,
    act: str = "",
    user: str = "",
    words: Annotated[str, Query(max_length=100)] = "",
    before: Annotated[int | None, Query(ge=1)] = None,
) -> Response:
    """`user` is text because an empty choice of the form is sent as such."""
    user_id = int(user) if user.isascii() and user.isdecimal() else None
    repository = AuditRepository(session)
    found = repository.newest(AuditFilter(act, user_id, words, before), PAGE + 1)
    shown = found[:PAGE]
    kept = {"act": act, "user": user, "words": words}
    older = {**kept, "before": shown[-1].id} if len(found) > PAGE else None
    context = {
        "events": shown,
        "acts": ACTS,
        "people": repository.users(),
        "chosen": kept,
        "first_page": f"/audit?{urlencode(kept)}" if before is not None else None,
        "older_page": f"/audit?{urlencode(older)}" if older else None,
    }
    return pages.render(request, "audit/audit.html", context)
