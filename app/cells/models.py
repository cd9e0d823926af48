from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.cells.motion_words import EVENT_KINDS
from app.platform.model import CreatedAt, Id, Model, Word, one_of

ROBOTS = ("simulated", "franka")


class Cell(Model):
    """One robot with its camera and operator station. `service_url` is where its live service answers.

    `fault` says why its process could not start, with the remedy; a start that succeeds clears it.
    `service_key` is what its live service asks for, renewed at each start; `lease_token` the highest token
    that was given out, so that a restart goes on counting. `motion` and `motion_note` say whether the arm may
    move, and why not, as the process last wrote it.
    """

    __tablename__ = "cells"
    __table_args__ = (CheckConstraint(one_of("robot", ROBOTS), name="robot"),)

    id: Mapped[Id]
    name: Mapped[Word] = mapped_column(unique=True)
    robot: Mapped[Word]
    service_url: Mapped[str | None] = mapped_column(String(200))
    fault: Mapped[str | None] = mapped_column(String(500))
    service_key: Mapped[str | None] = mapped_column(String(64))
    attended: Mapped[bool] = mapped_column(default=False)
    lease_token: Mapped[int] = mapped_column(default=0)
    motion: Mapped[Word] = mapped_column(default="ready")
    motion_note: Mapped[str] = mapped_column(String(500), default="")
    created_at: Mapped[CreatedAt]

    @property
    def is_simulated(self) -> bool:
        return self.robot == "simulated"

    @property
    def queue_name(self) -> str:
        return f"cell:{self.name}"


class CellEvent(Model):
    """Something about who moves the arm: the audit. Append-only: the database refuses to change or delete a
    row. `user_id` is who did it, where somebody did.
    """

    __tablename__ = "cell_events"
    __table_args__ = (CheckConstraint(one_of("kind", EVENT_KINDS), name="kind"),)

    id: Mapped[Id]
    cell_id: Mapped[int] = mapped_column(ForeignKey("cells.id"), index=True)
    kind: Mapped[Word]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    detail: Mapped[str] = mapped_column(String(300), default="")
    created_at: Mapped[CreatedAt]

    user: Mapped[User | None] = relationship()


class Process(Model):
    """A running web, worker or cell process with its heartbeat; `id` is its durable executor id."""

    __tablename__ = "processes"
    __table_args__ = (CheckConstraint(one_of("kind", ("web", "worker", "cell")), name="kind"),)

    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    kind: Mapped[Word]
    host: Mapped[str] = mapped_column(String(120))
    pid: Mapped[int]
    started_at: Mapped[datetime]
    heartbeat_at: Mapped[datetime] = mapped_column(index=True)


class ProcessRun(Model):
    """From when to when a process ran, for its up-time: kept when the process is gone.

    `seen_at` is its last heartbeat. `name` is that of the process, the same after every restart.
    """

    __tablename__ = "process_runs"
    __table_args__ = (Index("ix_process_runs_kind_seen_at", "kind", "seen_at"),)

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(80))
    kind: Mapped[Word]
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
