"""Queries for the audit log. The caller owns the transaction."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.accounts.models import User
from app.audit.models import AuditEvent


@dataclass(frozen=True)
class AuditFilter:
    """Which entries are asked for; what is None or empty does not matter."""

    act: str = ""
    user_id: int | None = None
    words: str = ""
    before: int | None = None
    """Only older ones than the entry of this number: the next page."""


class AuditRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def newest(self, wanted: AuditFilter, count: int) -> Sequence[AuditEvent]:
        """The newest entries that fit."""
        query = select(AuditEvent).options(joinedload(AuditEvent.user))
        if wanted.act:
            query = query.where(AuditEvent.act == wanted.act)
        if wanted.user_id is not None:
            query = query.where(AuditEvent.user_id == wanted.user_id)
        if wanted.words:
            query = query.where(AuditEvent.about.icontains(wanted.words, autoescape=True))
        if wanted.before is not None:
            query = query.where(AuditEvent.id < wanted.before)
        return self._session.scalars(query.order_by(AuditEvent.id.desc()).limit(count)).all()

    def users(self) -> Sequence[User]:
        return self._session.scalars(select(User).order_by(User.name)).all()
