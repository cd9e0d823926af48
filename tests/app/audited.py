"""What the audit log holds."""

from sqlalchemy import select

from app.audit.models import AuditEvent
from app.platform.database import Database


def audited(database: Database, act: str) -> list[str]:
    """What the audit log says of the acts of one kind, oldest first."""
    with database.reading() as session:
        return list(
            session.scalars(select(AuditEvent.about).where(AuditEvent.act == act).order_by(AuditEvent.id))
        )
