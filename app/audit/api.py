"""The audit log."""

from datetime import datetime
from typing import Annotated

from fastapi import Query
from pydantic import BaseModel

from app.api.paging import Page, PagerDep
from app.api.resource_route import GREATEST_ID, resource_router
from app.audit.models import AuditEvent
from app.audit.repository import AuditFilter, AuditRepository
from app.platform.requests import SessionDep

router = resource_router("Audit")


class AuditResource(BaseModel):
    """Something that somebody did."""

    id: int
    act: str
    user: str | None
    about: str
    address: str
    created_at: datetime

    @classmethod
    def of(cls, row: AuditEvent) -> "AuditResource":
        told = {name: getattr(row, name) for name in ("id", "act", "about", "address", "created_at")}
        return cls(**told, user=None if row.user is None else row.user.name)


@router.get("/audit")
def list_audit(
    session: SessionDep,
    pager: PagerDep,
    act: Annotated[str, Query(max_length=40)] = "",
    user: Annotated[int | None, Query(ge=1, le=GREATEST_ID, description="Number of who did it.")] = None,
    words: Annotated[str, Query(max_length=100, description="In what it was done to.")] = "",
) -> Page[AuditResource]:
    """What was done, newest first."""
    wanted = AuditFilter(act, user, words, pager.cursor)
    return pager.page(AuditRepository(session).newest(wanted, pager.limit + 1), AuditResource.of)
