from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.cells.models import Cell
from app.evaluations.models import PlannedRun
from app.experiments.models import Region
from app.platform.model import CreatedAt, Digest, Id, Model, Word, one_of
from app.training.models import Iteration, Policy

PURPOSES = ("local", "gate", "held_out", "evaluation")
TRIAL_STATUSES = ("planned", "running", "executed", "cancelled")
OUTCOMES = ("success", "failure", "invalid", "withdrawn")


class Trial(Model):
    """A rollout's stored record. Local ones feed D and are not labelled; gate ones set gates; held-out ones
    measure and never set a gate.

    Evaluation trials belong to a planned run of an evaluation session instead of an iteration, so that no
    query by iteration ever sees one: they are never pooled with the trials of an experiment, and until the
    session is closed no page of an experiment tells whose they are.

    `attempt` counts the runs of one planned trial: an `invalid` label plans the next attempt.
    `physics_success` is the simulator's ground truth, `measures` what it rests on, by name with its unit in
    the name: neither is shown to an operator before the label.
    Artefacts under `artefact_key`: record.npz, start.png, first.jpg, last.jpg, video.mp4.
    """

    __tablename__ = "trials"
    __table_args__ = (
        CheckConstraint(one_of("purpose", PURPOSES), name="purpose"),
        CheckConstraint(one_of("status", TRIAL_STATUSES), name="status"),
        CheckConstraint(
            "status <> 'executed' OR (artefact_key IS NOT NULL AND sha256 IS NOT NULL "
            "AND executed_at IS NOT NULL)",
            name="executed_has_artefact",
        ),
        CheckConstraint("repeat >= 1 AND attempt >= 1", name="counts"),
        CheckConstraint(
            "(purpose = 'evaluation' AND iteration_id IS NULL AND planned_run_id IS NOT NULL) OR "
            "(purpose <> 'evaluation' AND iteration_id IS NOT NULL AND planned_run_id IS NULL)",
            name="one_owner",
        ),
        UniqueConstraint("iteration_id", "purpose", "region_id", "repeat", "attempt"),
        UniqueConstraint("planned_run_id", "attempt"),
        Index("ix_trials_status_purpose", "status", "purpose"),
    )

    id: Mapped[Id]
    iteration_id: Mapped[int | None] = mapped_column(ForeignKey("iterations.id"))
    planned_run_id: Mapped[int | None] = mapped_column(ForeignKey("evaluation_runs.id"))
    region_id: Mapped[int] = mapped_column(ForeignKey("regions.id"), index=True)
    policy_id: Mapped[int] = mapped_column(ForeignKey("policies.id"))
    cell_id: Mapped[int] = mapped_column(ForeignKey("cells.id"))
    purpose: Mapped[Word]
    repeat: Mapped[int]
    attempt: Mapped[int]
    status: Mapped[Word] = mapped_column(default="planned")
    simulated: Mapped[bool]
    physics_success: Mapped[bool | None]
    measures: Mapped[dict[str, float] | None] = mapped_column(JSON(none_as_null=True))
    refusal: Mapped[str | None] = mapped_column(String(500))
    """Why the safety check refused the policy's plan: the trial failed and the arm never moved."""
    slow_down: Mapped[float | None]
    """How many times as long as planned it took, so that the arm could follow; 1 at full pace."""
    period_error_p99_ms: Mapped[float | None]
    """99th percentile of how far its control periods were from 20 ms; NULL where it kept no real time."""
    artefact_key: Mapped[str | None] = mapped_column(String(200))
    sha256: Mapped[Digest | None]
    """SHA-256 of record.npz."""
    created_at: Mapped[CreatedAt]
    started_at: Mapped[datetime | None]
    executed_at: Mapped[datetime | None]

    iteration: Mapped[Iteration] = relationship()
    """Of all but evaluation trials."""
    planned_run: Mapped[PlannedRun | None] = relationship(back_populates="trials")
    region: Mapped[Region] = relationship()
    policy: Mapped[Policy] = relationship()
    cell: Mapped[Cell] = relationship()
    labels: Mapped[list["LabelEvent"]] = relationship(back_populates="trial", order_by="LabelEvent.id")


class LabelEvent(Model):
    """One operator's judgement of one trial. Append-only: the database refuses to update or delete a row.

    The last event of a trial counts; `withdrawn` undoes, and the trial waits for a label again.
    `request_key` comes from the page, so that the same key press sent twice is stored once.
    """

    __tablename__ = "label_events"
    __table_args__ = (CheckConstraint(one_of("outcome", OUTCOMES), name="outcome"),)

    id: Mapped[Id]
    trial_id: Mapped[int] = mapped_column(ForeignKey("trials.id"), index=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    outcome: Mapped[Word]
    note: Mapped[str | None] = mapped_column(String(500))
    request_key: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[CreatedAt]

    trial: Mapped[Trial] = relationship(back_populates="labels")
    author: Mapped[User] = relationship()
