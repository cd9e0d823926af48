"""Queries over all experiments and machines at once. The caller owns the transaction."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session, aliased

from app.cells.models import Process
from app.demonstrations.models import Demonstration, Motion
from app.demonstrations.repository import LIVE
from app.experiments.models import Experiment, Region
from app.training.models import Iteration, Step
from app.trials.models import Trial
from app.trials.planning import PURPOSES


class HomeRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def held_up_by_labels(self) -> dict[int, int]:
        """Number of the iteration that waits for labels, by experiment."""
        rows = self._session.execute(
            select(Iteration.experiment_id, Iteration.number)
            .join(Step, Step.iteration_id == Iteration.id)
            .where(Step.kind == "labelling", Step.status == "waiting")
        )
        return {experiment: number for experiment, number in rows}

    def train_regions(self) -> dict[int, int]:
        """Number of train regions, by draft."""
        return self._counts(self._draft_regions())

    def regions_without_demonstration(self) -> dict[int, int]:
        """Train regions without a demonstration, not even one on its way, by draft."""
        live = select(Demonstration.id).where(
            Demonstration.region_id == Region.id, Demonstration.status.in_(LIVE)
        )
        return self._counts(self._draft_regions().where(~live.exists()))

    def regions_to_accept(self) -> dict[int, int]:
        """Train regions with a recorded demonstration and no accepted one, by draft."""
        accepted, recorded = aliased(Demonstration), aliased(Demonstration)
        return self._counts(
            self._draft_regions().where(
                ~select(accepted.id)
                .where(accepted.region_id == Region.id, accepted.status == "accepted")
                .exists(),
                select(recorded.id)
                .where(recorded.region_id == Region.id, recorded.status == "recorded")
                .exists(),
            )
        )

    def regions_accepted(self) -> dict[int, int]:
        """Train regions with an accepted demonstration, by draft."""
        return self._counts(
            self._draft_regions().join(
                Demonstration,
                and_(Demonstration.region_id == Region.id, Demonstration.status == "accepted"),
            )
        )

    def failed_steps(self) -> dict[int, Step]:
        """The failed step of each failed experiment."""
        rows = self._session.execute(
            select(Experiment.id, Step)
            .join(Iteration, Iteration.experiment_id == Experiment.id)
            .join(Step, Step.iteration_id == Iteration.id)
            .where(Experiment.status == "failed", Step.status == "failed")
        )
        return {experiment: step for experiment, step in rows}

    def processes_since(self, moment: datetime) -> Sequence[Process]:
        """Processes that were alive at the moment or later."""
        return self._session.scalars(select(Process).where(Process.heartbeat_at >= moment)).all()

    def trial_on(self, cell_id: int) -> Trial | None:
        """The trial that the cell runs now."""
        return self._session.scalar(
            select(Trial).where(Trial.cell_id == cell_id, Trial.status == "running").limit(1)
        )

    def demonstration_on(self, cell_id: int) -> Demonstration | None:
        """The demonstration that the cell records now."""
        return self._session.scalar(
            select(Demonstration)
            .join(Region)
            .join(Experiment)
            .where(Experiment.cell_id == cell_id, Demonstration.status == "recording")
            .limit(1)
        )

    def experiments_at_an_arm(self) -> set[int]:
        """Experiments with rollouts under way, or with a demonstration to be recorded or a trial to be run
        again.
        """
        rollouts = (
            select(Iteration.experiment_id)
            .join(Step, Step.iteration_id == Iteration.id)
            .where(Step.status == "running", Step.kind.in_(tuple(PURPOSES)))
        )
        recordings = (
            select(Region.experiment_id)
            .join(Demonstration, Demonstration.region_id == Region.id)
            .where(Demonstration.status.in_(("queued", "recording")))
        )
        run_again = (
            select(Iteration.experiment_id)
            .join(Trial, Trial.iteration_id == Iteration.id)
            .join(Experiment)
            .where(
                Experiment.status == "running", Trial.attempt > 1, Trial.status.in_(("planned", "running"))
            )
        )
        return {id_ for query in (rollouts, recordings, run_again) for id_ in self._session.scalars(query)}

    def motions_to_keep(self) -> dict[int, int]:
        """Motions that a hand or a file brought and nobody has decided on, by draft."""
        return self._counts(self._draft_regions().join(Motion).where(Motion.status == "waiting"))

    def training_under_way(self, kinds: Sequence[str]) -> Step | None:
        """A step of one of the kinds that runs now."""
        return self._session.scalar(
            select(Step).where(Step.status == "running", Step.kind.in_(kinds)).order_by(Step.id).limit(1)
        )

    def _draft_regions(self) -> Select[int, int]:
        return (
            select(Region.experiment_id, func.count(Region.id))
            .join(Experiment)
            .where(Experiment.status == "draft", Region.split == "train")
            .group_by(Region.experiment_id)
        )

    def _counts(self, query: Select[int, int]) -> dict[int, int]:
        return {experiment: count for experiment, count in self._session.execute(query)}
