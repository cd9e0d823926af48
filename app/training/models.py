from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.experiments.models import Experiment, Region
from app.platform.model import CreatedAt, Digest, Id, Model, Word, one_of

STEP_KINDS = (
    "pretraining",
    "local_training",
    "local_rollouts",
    "global_training",
    "gate_rollouts",
    "held_out_rollouts",
    "labelling",
)
TRAININGS = ("pretraining", "local_training", "global_training")
STEP_STATUSES = ("pending", "running", "waiting", "done", "failed", "cancelled")
POLICY_KINDS = ("encoder", "local", "global")


class Iteration(Model):
    """One turn of Algorithm 1 (H-NDP): local training, rollouts, distillation, rollouts, labels, gates."""

    __tablename__ = "iterations"
    __table_args__ = (
        UniqueConstraint("experiment_id", "number"),
        CheckConstraint("number >= 1", name="number"),
    )

    id: Mapped[Id]
    experiment_id: Mapped[int] = mapped_column(ForeignKey("experiments.id"))
    number: Mapped[int]
    created_at: Mapped[CreatedAt]
    finished_at: Mapped[datetime | None]

    experiment: Mapped[Experiment] = relationship()
    steps: Mapped[list["Step"]] = relationship(back_populates="iteration", order_by="Step.position")


class Step(Model):
    """One step of an iteration as the time line shows it; the durable workflow writes it.

    `curve` is a list of {"at": training steps done, name of loss: value}, thinned to at most 200 points.
    `started_at` leaves out the time for which a pause held the step: what is since then was worked.
    """

    __tablename__ = "steps"
    __table_args__ = (
        CheckConstraint(one_of("kind", STEP_KINDS), name="kind"),
        CheckConstraint(one_of("status", STEP_STATUSES), name="status"),
        CheckConstraint("done >= 0 AND total >= 0", name="progress"),
        UniqueConstraint("iteration_id", "kind"),
    )

    id: Mapped[Id]
    iteration_id: Mapped[int] = mapped_column(ForeignKey("iterations.id"))
    kind: Mapped[Word]
    position: Mapped[int]
    status: Mapped[Word] = mapped_column(default="pending")
    attempt: Mapped[int] = mapped_column(default=1)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    curve: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    error: Mapped[str | None] = mapped_column(String(2000))
    log: Mapped[str | None] = mapped_column(Text)
    started_at: Mapped[datetime | None]
    held_at: Mapped[datetime | None]
    """When a pause put the step back; None while it is under way."""
    finished_at: Mapped[datetime | None]

    iteration: Mapped[Iteration] = relationship(back_populates="steps")


class Policy(Model):
    """A trained policy file in the artefact store; one local file holds the experts of all train regions."""

    __tablename__ = "policies"
    __table_args__ = (
        CheckConstraint(one_of("kind", POLICY_KINDS), name="kind"),
        UniqueConstraint("iteration_id", "kind"),
    )

    id: Mapped[Id]
    iteration_id: Mapped[int] = mapped_column(ForeignKey("iterations.id"))
    kind: Mapped[Word]
    artefact_key: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[Digest]
    created_at: Mapped[CreatedAt]

    iteration: Mapped[Iteration] = relationship()


class Gate(Model):
    """alpha_i (H-NDP Eq. 4): 1 where the global policy of this iteration was judged successful, else 0.

    It gates the local training of the next iteration. `label_hash` is the SHA-256 of the label events that
    it was made from, so that a later correction shows as "outdated" and never as a silent change.
    """

    __tablename__ = "gates"
    __table_args__ = (
        UniqueConstraint("iteration_id", "region_id"),
        CheckConstraint("value IN (0, 1)", name="value"),
    )

    id: Mapped[Id]
    iteration_id: Mapped[int] = mapped_column(ForeignKey("iterations.id"))
    region_id: Mapped[int] = mapped_column(ForeignKey("regions.id"))
    value: Mapped[int]
    label_hash: Mapped[Digest]
    created_at: Mapped[CreatedAt]

    iteration: Mapped[Iteration] = relationship()
    region: Mapped[Region] = relationship()


class Rerun(Model):
    """An experiment in the place of another one's later iterations, since labels were corrected there.

    It holds copies of the origin's iterations up to `iteration`, and sets that one's gates anew.
    """

    __tablename__ = "reruns"

    experiment_id: Mapped[int] = mapped_column(ForeignKey("experiments.id"), primary_key=True)
    origin_id: Mapped[int] = mapped_column(ForeignKey("experiments.id"), index=True)
    iteration: Mapped[int]
    created_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[CreatedAt]

    experiment: Mapped[Experiment] = relationship(foreign_keys=[experiment_id])
    origin: Mapped[Experiment] = relationship(foreign_keys=[origin_id])
    created_by: Mapped[User] = relationship()
