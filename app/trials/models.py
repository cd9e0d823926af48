from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.cells.models import Cell
from app.cells.motion_words import REFERENCE_SOURCES
from app.evaluations.models import PlannedRun
from app.experiments.models import Region
from app.platform.model import CreatedAt, Digest, Id, Model, Word, now, one_of
from app.training.models import Iteration, Policy

PURPOSES = ("local", "gate", "held_out", "evaluation")
TRIAL_STATUSES = ("planned", "running", "executed", "cancelled")
OUTCOMES = ("success", "failure", "invalid", "withdrawn")
RATINGS = ("first", "second", "settled")


class Trial(Model):
    """A rollout's stored record. Local ones feed D and are not labelled; gate ones set gates; held-out ones
    measure and never set a gate.

    Evaluation trials belong to a planned run of an evaluation session instead of an iteration, so that no
    query by iteration ever sees one: they are never pooled with the trials of an experiment, and until the
    session is closed no page of an experiment tells whose they are.

    `attempt` counts the runs of one planned trial: an `invalid` label plans the next attempt.
    `physics_success` is the simulator's ground truth, `measures` what it rests on, by name with its unit in
    the name: neither is shown to an operator before the label.
    Artefacts under `artefact_key`: record.npz, start.png, first.jpg, last.jpg, video.mp4, and those of its
    scene.
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
        Index("ix_trials_status_iteration_id", "status", "iteration_id"),
        Index("ix_trials_executed_at", "executed_at"),
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
    second_rated: Mapped[bool] = mapped_column(default=False)
    """Drawn for a second, independent judgement."""
    physics_success: Mapped[bool | None]
    measures: Mapped[dict[str, float] | None] = mapped_column(JSON(none_as_null=True))
    refusal: Mapped[str | None] = mapped_column(String(500))
    """Why the safety check refused the policy's plan: the trial failed and the arm never moved."""
    slow_down: Mapped[float | None]
    """How many times as long as planned it took, so that the arm could follow; 1 at full pace."""
    period_error_p99_ms: Mapped[float | None]
    """99th percentile of how far its control periods were from 20 ms; NULL where it kept no real time."""
    cut_short_at_s: Mapped[float | None]
    """When its operator ended the motion by a label, in seconds since its start; NULL: it went to its end."""
    arm_s: Mapped[float | None]
    """How long it took the arm, from setting the scene to the last picture; NULL in old trials."""
    squared_jerk: Mapped[float | None]
    """Integral of the commanded joints' squared jerk [rad^2/s^5]; NULL without motion, and in old trials."""
    velocity_share: Mapped[float | None]
    """Greatest commanded joint speed as a share of that joint's limit; NULL as above."""
    acceleration_share: Mapped[float | None]
    """The same of acceleration."""
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
    scene: Mapped["SceneMatch | None"] = relationship()
    labels: Mapped[list["LabelEvent"]] = relationship(back_populates="trial", order_by="LabelEvent.id")


class SceneMatch(Model):
    """Who said, before a trial, that its scene is as the reference shows; only attended cells ask.

    Artefacts beside the trial's: scene_matched.jpg, and scene_reference.jpg where there was a `reference`.
    """

    __tablename__ = "scene_matches"
    __table_args__ = (CheckConstraint(one_of("reference", REFERENCE_SOURCES), name="reference"),)

    trial_id: Mapped[int] = mapped_column(ForeignKey("trials.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    reference: Mapped[Word | None]
    """What it was the first frame of; "simulation": drawn. NULL: nothing was ever recorded in the region."""
    matched_at: Mapped[CreatedAt]

    user: Mapped[User] = relationship()


class LabelEvent(Model):
    """One operator's judgement of one trial. Append-only: the database refuses to update or delete a row.

    The last event of a trial that is no `second` rating counts; `withdrawn` undoes, and the trial waits for a
    label again. A `second` rating only confirms or disputes; a `settled` one ends a dispute.
    `milestones` and `failure_mode` are in the words of the task's rubric as it was then, `score` is their
    credit from 0 to 1; NULL where nothing was said of them.
    `request_key` comes from the page, so that the same key press sent twice is stored once.
    """

    __tablename__ = "label_events"
    __table_args__ = (
        CheckConstraint(one_of("outcome", OUTCOMES), name="outcome"),
        CheckConstraint(one_of("rating", RATINGS), name="rating"),
        CheckConstraint("score BETWEEN 0 AND 1", name="score"),
        Index("ix_label_events_created_at", "created_at"),
        Index("ix_label_events_rating_created_at", "rating", "created_at"),
    )

    id: Mapped[Id]
    trial_id: Mapped[int] = mapped_column(ForeignKey("trials.id"), index=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    outcome: Mapped[Word]
    rating: Mapped[Word] = mapped_column(default="first")
    score: Mapped[float | None]
    milestones: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    failure_mode: Mapped[str | None] = mapped_column(String(60))
    note: Mapped[str | None] = mapped_column(String(500))
    request_key: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[CreatedAt]

    trial: Mapped[Trial] = relationship(back_populates="labels")
    author: Mapped[User] = relationship()


class Reservation(Model):
    """A trial that is on somebody's label page, or next on it, so that nobody else is given it meanwhile.

    It lapses by itself: a page renews what it holds for as long as it is open. `page` names the open page, so
    that one which is closed gives back its own trials alone.
    """

    __tablename__ = "reservations"

    trial_id: Mapped[int] = mapped_column(ForeignKey("trials.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    page: Mapped[str] = mapped_column(String(32))
    expires_at: Mapped[datetime]


class Assignment(Model):
    """Trials that somebody is asked to judge: one, or all of an experiment. Others may judge them too."""

    __tablename__ = "assignments"
    __table_args__ = (
        CheckConstraint("(experiment_id IS NULL) <> (trial_id IS NULL)", name="one_thing"),
        UniqueConstraint("experiment_id"),
        UniqueConstraint("trial_id"),
    )

    id: Mapped[Id]
    experiment_id: Mapped[int | None] = mapped_column(ForeignKey("experiments.id"))
    trial_id: Mapped[int | None] = mapped_column(ForeignKey("trials.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    created_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[CreatedAt]

    user: Mapped[User] = relationship(foreign_keys=[user_id])


class TaskRubric(Model):
    """A lab's own rubric of a task, in the place of the one that the task brings.

    `milestones` is a list of [name, credit], `failure_modes` one of names, as `hndp_core.tasks.Rubric`.
    """

    __tablename__ = "task_rubrics"

    task: Mapped[str] = mapped_column(String(40), primary_key=True)
    milestones: Mapped[list[tuple[str, float]]] = mapped_column(JSON)
    failure_modes: Mapped[list[str]] = mapped_column(JSON)
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    changed_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)

    author: Mapped[User] = relationship()
