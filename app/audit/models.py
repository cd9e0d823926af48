from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.platform.model import CreatedAt, Id, Model, Word


class AuditEvent(Model):
    """Something that somebody did. Append-only: the database refuses to change or delete a row.

    `user_id` is empty where nobody was signed in, as at a sign-in that failed.
    """

    __tablename__ = "audit_events"
    __table_args__ = (Index(None, "act", "id"), Index(None, "user_id", "id"))

    id: Mapped[Id]
    created_at: Mapped[CreatedAt]
    act: Mapped[Word]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    about: Mapped[str] = mapped_column(String(300))
    address: Mapped[str] = mapped_column(String(64))

    user: Mapped[User | None] = relationship()
