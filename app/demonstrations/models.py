from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.experiments.models import Region
from app.platform.model import CreatedAt, Digest, Id, Model, Word, one_of

SOURCES = ("teacher", "guided", "imported")
STATUSES = ("queued", "recording", "recorded", "accepted", "failed", "binned")
MOTION_STATUSES = ("waiting", "kept", "binned")
REPLAY_STATUSES = ("queued", "running", "done", "failed")


class Motion(Model):
    """A motion that a hand or a file brought for a region, before and after a person keeps it.

    `motions/{id}/motion.npz` in the artefact store holds its samples as they came; what is cut, resampled and
    executed follows from them, so that everything can be undone. `start.png` beside it shows the scene as a
    hand began to lead a real arm.
    """

    __tablename__ = "motions"
    __table_args__ = (
        CheckConstraint(one_of("source", ("guided", "imported")), name="source"),
        CheckConstraint(one_of("status", MOTION_STATUSES), name="status"),
    )

    id: Mapped[Id]
    region_id: Mapped[int] = mapped_column(ForeignKey("regions.id"), index=True)
    source: Mapped[Word]
    status: Mapped[Word] = mapped_column(default="waiting")
    name: Mapped[str] = mapped_column(String(200))
    """Of the file, or what the recording is called."""
    notes: Mapped[list[str]] = mapped_column(JSON, default=list)
    """What was taken for granted while it was read, as sentences."""
    sha256: Mapped[Digest]
    """SHA-256 of motion.npz."""
    trimmed: Mapped[bool] = mapped_column(default=True)
    """Whether its still ends are cut off."""
    cut_off_s: Mapped[float | None]
    """Length of a recording that a crash ended; None for one that ended in order."""
    binned_at: Mapped[datetime | None]
    created_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[CreatedAt]

    region: Mapped[Region] = relationship()
    created_by: Mapped[User] = relationship()

    @property
    def artefact_key(self) -> str:
        return f"motions/{self.id}/motion.npz"

    @property
    def start_image_key(self) -> str:
        """Of the scene as a hand began to lead a real arm; others have none."""
        return f"motions/{self.id}/start.png"


class MotionTake(Model):
    """Says which motion the arm executes in a demonstration; one of the scripted teacher has no such row."""

    __tablename__ = "motion_takes"

    demonstration_id: Mapped[int] = mapped_column(ForeignKey("demonstrations.id"), primary_key=True)
    motion_id: Mapped[int] = mapped_column(ForeignKey("motions.id"), index=True)


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
    motion: Mapped[Motion | None] = relationship(secondary="motion_takes", viewonly=True)


class Replay(Model):
    """A demonstration's commands executed once more on the arm, for somebody to watch; it changes nothing."""

    __tablename__ = "replays"
    __table_args__ = (CheckConstraint(one_of("status", REPLAY_STATUSES), name="status"),)

    id: Mapped[Id]
    demonstration_id: Mapped[int] = mapped_column(ForeignKey("demonstrations.id"), index=True)
    status: Mapped[Word] = mapped_column(default="queued")
    note: Mapped[str | None] = mapped_column(String(2000))
    """What came of it, as a sentence."""
    created_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[CreatedAt]
    ended_at: Mapped[datetime | None]

    demonstration: Mapped[Demonstration] = relationship()
