"""Queries of experiments, their regions, cells and steps. The caller owns the transaction."""

from collections.abc import Sequence

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.cells.models import Cell
from app.experiments.models import Experiment, Region
from app.platform.errors import InTheBin, NotFound
from app.training.models import Iteration, Step


class ExperimentRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, experiment_id: int) -> Experiment:
        """Return an experiment with its cell and regions.

        Raises:
            NotFound: no such experiment.
            InTheBin: it was thrown away.
        """
        experiment = self._find(experiment_id)
        if experiment.binned_at is not None:
            raise InTheBin(experiment.name)
        return experiment

    def _find(self, experiment_id: int) -> Experiment:
        experiment = self._session.scalar(
            select(Experiment)
            .where(Experiment.id == experiment_id)
            .options(
                joinedload(Experiment.cell),
                joinedload(Experiment.created_by),
                selectinload(Experiment.regions),
            )
        )
        if experiment is None:
            raise NotFound("experiment", experiment_id)
        return experiment

    def locked(self, experiment_id: int) -> Experiment:
        """Return an experiment that nobody else changes until the transaction ends.

        Raises:
            NotFound: no such experiment.
            InTheBin: it was thrown away.
        """
        self._lock(experiment_id)
        return self.get(experiment_id)

    def locked_even_binned(self, experiment_id: int) -> Experiment:
        """As `locked`, of one in the bin, too.

        Raises:
            NotFound: no such experiment.
        """
        self._lock(experiment_id)
        return self._find(experiment_id)

    def _lock(self, experiment_id: int) -> None:
        self._session.execute(select(Experiment.id).where(Experiment.id == experiment_id).with_for_update())

    def named(self, name: str) -> Experiment | None:
        """The experiment of that name, in the bin or not: two never have one name."""
        return self._session.scalar(select(Experiment).where(func.lower(Experiment.name) == name.lower()))

    def newest_first(self) -> Sequence[Experiment]:
        """All that are not in the bin."""
        return self._session.scalars(
            select(Experiment)
            .where(Experiment.binned_at.is_(None))
            .options(joinedload(Experiment.cell))
            .order_by(Experiment.id.desc())
        ).all()

    def binned(self) -> Sequence[Experiment]:
        """Those in the bin, last thrown away first."""
        return self._session.scalars(
            select(Experiment)
            .where(Experiment.binned_at.is_not(None))
            .options(joinedload(Experiment.cell))
            .order_by(Experiment.binned_at.desc())
        ).all()

    def selected(self, status: str | None, task: str) -> Select[Experiment]:
        """Those of a status, and of a task: with its level, or by its name alone at all levels."""
        query = (
            select(Experiment)
            .where(Experiment.binned_at.is_(None))
            .options(joinedload(Experiment.cell), joinedload(Experiment.created_by))
        )
        if status:
            query = query.where(Experiment.status == status)
        if task:
            at_any_level = Experiment.task.startswith(f"{task}@", autoescape=True)
            query = query.where(or_(Experiment.task == task, at_any_level))
        return query

    def add(self, experiment: Experiment) -> None:
        self._session.add(experiment)
        self._session.flush()

    def regions(self, experiment_id: int) -> Sequence[Region]:
        """Train regions first, each split in the order of its index."""
        return self._session.scalars(
            select(Region)
            .where(Region.experiment_id == experiment_id)
            .order_by(Region.split.desc(), Region.index)
        ).all()

    def iterations(self, experiment_id: int) -> Sequence[Iteration]:
        """Iterations that were begun, with their steps."""
        return self._session.scalars(
            select(Iteration)
            .where(Iteration.experiment_id == experiment_id)
            .options(selectinload(Iteration.steps).defer(Step.log))
            .order_by(Iteration.number)
        ).all()

    def step(self, experiment_id: int, step_id: int) -> Step:
        """Return a step of the experiment.

        Raises:
            NotFound: no such step in this experiment.
        """
        step = self._session.scalar(
            select(Step)
            .join(Iteration)
            .where(Step.id == step_id, Iteration.experiment_id == experiment_id)
            .options(joinedload(Step.iteration))
        )
        if step is None:
            raise NotFound("step", step_id)
        return step

    def begun_iterations(self) -> dict[int, int]:
        """Number of iterations begun, by experiment; those without one are left out."""
        rows = self._session.execute(
            select(Iteration.experiment_id, func.max(Iteration.number)).group_by(Iteration.experiment_id)
        )
        return {experiment: number for experiment, number in rows}

    def cells(self) -> Sequence[Cell]:
        return self._session.scalars(select(Cell).order_by(Cell.id)).all()
