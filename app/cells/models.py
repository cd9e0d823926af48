from datetime import datetime

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from app.platform.model import CreatedAt, Id, Model, Word, one_of

ROBOTS = ("simulated", "franka")


class Cell(Model):
    """One robot with its camera and operator station. `service_url` is where its live service answers.

    `fault` says why its process could not start, with the remedy; a start that succeeds clears it.
    """

    __tablename__ = "cells"
    __table_args__ = (CheckConstraint(one_of("robot", ROBOTS), name="robot"),)

    id: Mapped[Id]
    name: Mapped[Word] = mapped_column(unique=True)
    robot: Mapped[Word]
    service_url: Mapped[str | None] = mapped_column(String(200))
    fault: Mapped[str | None] = mapped_column(String(500))
    created_at: Mapped[CreatedAt]

    @property
    def is_simulated(self) -> bool:
        return self.robot == "simulated"

    @property
    def queue_name(self) -> str:
        return f"cell:{self.name}"


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
