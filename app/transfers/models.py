from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.experiments.models import Experiment
from app.platform.model import CreatedAt, Id, Model, Word, one_of

KINDS = ("dataset", "archive", "restoration")
STATUSES = ("queued", "running", "done", "failed")


class Transfer(Model):
    """A file that a worker makes of an experiment, or an experiment that it makes of an archive.

    `selection` says what a data set holds; `artefact_key` where its file lies, until it expires. Of a
    restoration it is the uploaded archive, and `experiment_id` what came of it.
    """

    __tablename__ = "transfers"
    __table_args__ = (
        CheckConstraint(one_of("kind", KINDS), name="kind"),
        CheckConstraint(one_of("status", STATUSES), name="status"),
    )

    id: Mapped[Id]
    kind: Mapped[Word]
    status: Mapped[Word] = mapped_column(default="queued")
    experiment_id: Mapped[int | None] = mapped_column(ForeignKey("experiments.id"), index=True)
    selection: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    name: Mapped[str] = mapped_column(String(200))
    """Of the file."""
    artefact_key: Mapped[str | None] = mapped_column(String(200))
    size: Mapped[int | None] = mapped_column(BigInteger)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    note: Mapped[str | None] = mapped_column(String(2000))
    """What came of it, or why nothing did, as sentences."""
    created_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[CreatedAt]
    ended_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]

    experiment: Mapped[Experiment | None] = relationship()
    created_by: Mapped[User] = relationship()
