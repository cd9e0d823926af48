from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.cells.models import Cell
from app.platform.model import CreatedAt, Id, Model, Word, one_of
from hndp_core import tasks
from hndp_core.hierarchy import get_method

STATUSES = ("draft", "running", "paused", "finished", "cancelled", "failed")
OPERATORS = ("human", "simulated")
SCENE_CHECKS = ("each", "none")
SPLITS = ("train", "held_out")


class Experiment(Model):
    """One refinement of one task by one method: its plan, and where it stands.

    `settings` holds the full `RefinementConfig` as JSON, so that a later default changes nothing here.
    `failed` means that a step waits for its retry; finished steps are kept. `checks_scenes`: an attended cell
    asks before each trial and demonstration whether its scene matches.
    """

    __tablename__ = "experiments"
    __table_args__ = (
        CheckConstraint(one_of("status", STATUSES), name="status"),
        CheckConstraint(one_of("operator", OPERATORS), name="operator"),
        CheckConstraint("iterations >= 1", name="iterations"),
        CheckConstraint("trials_per_region IN (1, 3, 5)", name="trials_per_region"),
        CheckConstraint("second_rater_share BETWEEN 0 AND 1", name="second_rater_share"),
        Index("uq_experiments_name", "name", unique=True),
    )

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(80))
    task: Mapped[Word]
    method: Mapped[Word]
    operator: Mapped[Word] = mapped_column(default="human")
    status: Mapped[Word] = mapped_column(default="draft", index=True)
    seed: Mapped[int]
    iterations: Mapped[int]
    trials_per_region: Mapped[int]
    second_rater_share: Mapped[float] = mapped_column(default=0.0)
    """Share of the judged trials that a second person judges too, without seeing the first label."""
    layout_seed: Mapped[int]
    settings: Mapped[dict[str, Any]] = mapped_column(JSON)
    checks_scenes: Mapped[bool] = mapped_column(default=True)
    cell_id: Mapped[int] = mapped_column(ForeignKey("cells.id"))
    created_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[CreatedAt]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    binned_at: Mapped[datetime | None]
    """When it was thrown away; None where it was not. In the bin it is hidden, and can be brought back."""

    cell: Mapped[Cell] = relationship()
    created_by: Mapped[User] = relationship()
    regions: Mapped[list["Region"]] = relationship(back_populates="experiment", order_by="Region.index")

    @property
    def task_title(self) -> str:
        """The task's name for people, with its level."""
        return tasks.get_task(self.task).full_title

    @property
    def method_title(self) -> str:
        """The method's name for people."""
        return get_method(self.method).title

    @property
    def has_locals(self) -> bool:
        """Whether local policies teach the global one."""
        return get_method(self.method).local_to_global

    @property
    def refines(self) -> bool:
        """Whether gates lead to anything: they act on the iteration after theirs."""
        return self.iterations > 1


class Region(Model):
    """R_i: one place of the task's object on the table, in the robot's base frame.

    `index` counts from 1 within the split, as in `hndp_core.tasks.Region`: seeds of trials depend on it.
    """

    __tablename__ = "regions"
    __table_args__ = (
        CheckConstraint(one_of("split", SPLITS), name="split"),
        UniqueConstraint("experiment_id", "split", "index"),
    )

    id: Mapped[Id]
    experiment_id: Mapped[int] = mapped_column(ForeignKey("experiments.id"))
    index: Mapped[int]
    name: Mapped[Word]
    split: Mapped[Word]
    x_m: Mapped[float]
    y_m: Mapped[float]
    subject: Mapped[str] = mapped_column(Text, default="")

    experiment: Mapped[Experiment] = relationship(back_populates="regions")

    def place(self) -> tasks.Region:
        """The region as the method knows it."""
        return tasks.Region(self.index, self.split, self.x_m, self.y_m, self.subject)  # type: ignore[arg-type]
