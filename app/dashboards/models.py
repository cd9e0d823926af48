from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.platform.model import Model, Word

NO_EXPERIMENT = 0
"""In the place of an experiment's id: the work was for none, such as for an evaluation session."""


class LabelDay(Model):
    """How many label events somebody gave on one day for one experiment's trials on one cell.

    The database adds to it in the transaction that stores a label event, however that is stored: see the
    migration. It can therefore never be stale. Events are append-only, so the counts only grow.
    Withdrawals are not counted, nor what a rerun copied; a correction is a judgement of its own, and is.
    `day` is written YYYY-MM-DD, in UTC.
    """

    __tablename__ = "label_days"

    day: Mapped[Word] = mapped_column(primary_key=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    experiment_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    cell_id: Mapped[int] = mapped_column(ForeignKey("cells.id"), primary_key=True)
    labels: Mapped[int]


class TrialHour(Model):
    """How many trials of one experiment a cell executed within one hour, and for how long its arm was taken.

    The database adds to it in the transaction that makes a planned trial an executed one: see the migration.
    Trials that were stored as executed from the start are copies and not counted.
    `hour` is written YYYY-MM-DD HH, in UTC. `timed` counts the trials whose time was measured, `arm_s` is
    that time.
    """

    __tablename__ = "trial_hours"

    hour: Mapped[Word] = mapped_column(primary_key=True)
    cell_id: Mapped[int] = mapped_column(ForeignKey("cells.id"), primary_key=True)
    experiment_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    trials: Mapped[int]
    timed: Mapped[int]
    arm_s: Mapped[float]
