from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.cells.models import Cell
from app.experiments.models import Region
from app.platform.model import CreatedAt, Id, Model, Word, one_of
from app.training.models import Policy
from hndp_core.tasks import get_task

if TYPE_CHECKING:
    from app.trials.models import Trial

STATUSES = ("draft", "running", "paused", "closed")
OPERATORS = ("human", "simulated")
PAIRINGS = ("paired", "independent")
DESIGNS = ("fixed", "sequential")
CURVES = ("hidden", "shown")


class EvaluationSession(Model):
    """A blind comparison of policies, planned before its first trial.

    `pairing` says whether all policies meet the same scene variation in a region and repeat, `design` whether
    the evidence may be looked at before the end. `seed` drew letters, order and scenes; as it would tell the
    letters, no page shows it before the session is closed. Closing reveals: `closed_by` did it.
    `fault` says why it was paused by itself.
    `curves` says whether those who judge may see how the arm moved, beside the film.
    `rubric` is the task's as it was at the start, see `app.trials.rubrics`; NULL before, and in old sessions.
    """

    __tablename__ = "evaluation_sessions"
    __table_args__ = (
        CheckConstraint(one_of("status", STATUSES), name="status"),
        CheckConstraint(one_of("operator", OPERATORS), name="operator"),
        CheckConstraint(one_of("pairing", PAIRINGS), name="pairing"),
        CheckConstraint(one_of("design", DESIGNS), name="design"),
        CheckConstraint(one_of("curves", CURVES), name="curves"),
        CheckConstraint("second_rater_share BETWEEN 0 AND 1", name="second_rater_share"),
        CheckConstraint("repeats >= 1", name="repeats"),
        CheckConstraint("level > 0 AND level < 1", name="level"),
        CheckConstraint(
            "(status = 'closed') = (closed_at IS NOT NULL AND closed_by_id IS NOT NULL)",
            name="closed_by_whom",
        ),
        Index("uq_evaluation_sessions_name", "name", unique=True),
    )

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(80))
    task: Mapped[Word]
    status: Mapped[Word] = mapped_column(default="draft", index=True)
    operator: Mapped[Word]
    pairing: Mapped[Word]
    design: Mapped[Word]
    level: Mapped[float]
    repeats: Mapped[int]
    seed: Mapped[int]
    second_rater_share: Mapped[float] = mapped_column(default=0.0)
    """Of the trials that a second person is to judge, too."""
    curves: Mapped[Word] = mapped_column(default="hidden")
    rubric: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    fault: Mapped[str | None] = mapped_column(String(500))
    cell_id: Mapped[int] = mapped_column(ForeignKey("cells.id"))
    created_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[CreatedAt]
    started_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))

    cell: Mapped[Cell] = relationship()
    created_by: Mapped[User] = relationship(foreign_keys=[created_by_id])
    closed_by: Mapped[User | None] = relationship(foreign_keys=[closed_by_id])
    candidates: Mapped[list["Candidate"]] = relationship(
        back_populates="session", order_by="Candidate.letter"
    )

    @property
    def shows_motion(self) -> bool:
        """Whether the curves of its trials may be seen: once it is closed, and before if the plan says so."""
        return self.curves == "shown" or self.status == "closed"

    @property
    def task_title(self) -> str:
        """The task's name for people, with its level."""
        return get_task(self.task).full_title


class Candidate(Model):
    """A policy of a session behind its letter. Rows are made in the letters' order, so that no id tells."""

    __tablename__ = "evaluation_candidates"
    __table_args__ = (
        UniqueConstraint("session_id", "letter"),
        UniqueConstraint("session_id", "policy_id"),
    )

    id: Mapped[Id]
    session_id: Mapped[int] = mapped_column(ForeignKey("evaluation_sessions.id"))
    letter: Mapped[str] = mapped_column(String(1))
    policy_id: Mapped[int] = mapped_column(ForeignKey("policies.id"))

    session: Mapped[EvaluationSession] = relationship(back_populates="candidates")
    policy: Mapped[Policy] = relationship()


class PlannedRun(Model):
    """One place in a session's order: whose policy runs in which region. Its trials are its attempts."""

    __tablename__ = "evaluation_runs"
    __table_args__ = (
        UniqueConstraint("session_id", "position"),
        UniqueConstraint("candidate_id", "region_id", "block"),
        CheckConstraint("position >= 1 AND block >= 1", name="counts"),
    )

    id: Mapped[Id]
    session_id: Mapped[int] = mapped_column(ForeignKey("evaluation_sessions.id"))
    position: Mapped[int]
    block: Mapped[int]
    """Also the number of the repeat: a block holds each policy once in each region."""
    candidate_id: Mapped[int] = mapped_column(ForeignKey("evaluation_candidates.id"))
    region_id: Mapped[int] = mapped_column(ForeignKey("regions.id"))

    session: Mapped[EvaluationSession] = relationship()
    candidate: Mapped[Candidate] = relationship()
    region: Mapped[Region] = relationship()
    trials: Mapped[list["Trial"]] = relationship(back_populates="planned_run", order_by="Trial.attempt")
