from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.experiments.models import Region
from app.platform.model import CreatedAt, Digest, Id, Model, Word, one_of

SOURCES = ("teacher", "guided", "imported")
STATUSES = ("queued", "recording", "recorded", "accepted", "failed", "binned")


class Demonstration(Model):
    """An expert trajectory for one region, with its first image. At most one per region is accepted.

    `artefact_key` is the folder in the artefact store (trajectory.npz, start.png, first.jpg, last.jpg,
    video.mp4); it is empty until the recording is complete. `binned_from` remembers the status before the
    bin, so that bringing it back restores it.
    """

    __tablename__ = "demonstrations"
    __table_args__ = (
        CheckConstraint(one_of("source", SOURCES), name="source"),
        CheckConstraint(one_of("status", STATUSES), name="status"),
        CheckConstraint(
            "status NOT IN ('recorded', 'accepted') OR (artefact_key IS NOT NULL AND sha256 IS NOT NULL)",
            name="recorded_has_artefact",
        ),
        CheckConstraint("(status = 'binned') = (binned_at IS NOT NULL)", name="binned_at"),
        Index(
            "uq_demonstrations_accepted_region",
            "region_id",
            unique=True,
            sqlite_where=text("status = 'accepted'"),
            postgresql_where=text("status = 'accepted'"),
        ),
    )

    id: Mapped[Id]
    region_id: Mapped[int] = mapped_column(ForeignKey("regions.id"), index=True)
    take: Mapped[int]
    """1 for the first recording in the region, 2 for its first redo: part of the seed of the scene."""
    source: Mapped[Word]
    status: Mapped[Word] = mapped_column(default="queued")
    artefact_key: Mapped[str | None] = mapped_column(String(200))
    sha256: Mapped[Digest | None]
    """SHA-256 of trajectory.npz."""
    warning: Mapped[str | None] = mapped_column(String(500))
    error: Mapped[str | None] = mapped_column(String(2000))
    binned_from: Mapped[Word | None]
    binned_at: Mapped[datetime | None]
    created_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[CreatedAt]
    recorded_at: Mapped[datetime | None]

    region: Mapped[Region] = relationship()
    created_by: Mapped[User] = relationship()
