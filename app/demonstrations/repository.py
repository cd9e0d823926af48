"""Queries of demonstrations. The caller owns the transaction."""

from collections.abc import Sequence

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload

from app.demonstrations.models import Demonstration, Motion, MotionTake, Replay
from app.experiments.models import Experiment, Region
from app.platform.errors import NotFound

LIVE = ("queued", "recording", "recorded", "accepted")
"""Statuses of a demonstration that makes a further one unnecessary."""


class DemonstrationRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, demonstration_id: int) -> Demonstration:
        """Return a demonstration with its region and experiment.

        Raises:
            NotFound: no such demonstration.
        """
        row = self._session.scalar(
            select(Demonstration)
            .where(Demonstration.id == demonstration_id)
            .options(
                joinedload(Demonstration.region).joinedload(Region.experiment).joinedload(Experiment.cell),
                joinedload(Demonstration.created_by),
            )
        )
        if row is None:
            raise NotFound("demonstration", demonstration_id)
        return row

    def of_experiment(self, experiment_id: int) -> Sequence[Demonstration]:
        """All demonstrations, binned ones too, by region and take."""
        return self._session.scalars(
            select(Demonstration)
            .join(Region)
            .where(Region.experiment_id == experiment_id)
            .options(joinedload(Demonstration.region))
            .order_by(Region.index, Demonstration.take)
        ).all()

    def selected(self, experiment_id: int, status: str | None) -> Select[Demonstration]:
        """Demonstrations of an experiment, of a status or of all."""
        query = (
            select(Demonstration)
            .join(Region)
            .where(Region.experiment_id == experiment_id)
            .options(joinedload(Demonstration.region), joinedload(Demonstration.created_by))
        )
        return query if status is None else query.where(Demonstration.status == status)

    def selected_motions(self, experiment_id: int, status: str | None) -> Select[Motion]:
        """Motions of an experiment, of a status or of all."""
        query = (
            select(Motion)
            .join(Region)
            .where(Region.experiment_id == experiment_id)
            .options(joinedload(Motion.region), joinedload(Motion.created_by))
        )
        return query if status is None else query.where(Motion.status == status)

    def of_region(self, region_id: int) -> Sequence[Demonstration]:
        return self._session.scalars(
            select(Demonstration).where(Demonstration.region_id == region_id).order_by(Demonstration.take)
        ).all()

    def accepted(self, region_id: int) -> Demonstration | None:
        return self._session.scalar(
            select(Demonstration).where(
                Demonstration.region_id == region_id, Demonstration.status == "accepted"
            )
        )

    def accepted_region_ids(self, experiment_id: int) -> set[int]:
        return set(
            self._session.scalars(
                select(Demonstration.region_id)
                .join(Region)
                .where(Region.experiment_id == experiment_id, Demonstration.status == "accepted")
            )
        )

    def motion(self, motion_id: int) -> Motion:
        """Return a motion with its region and experiment.

        Raises:
            NotFound: no such motion.
        """
        row = self._session.scalar(
            select(Motion)
            .where(Motion.id == motion_id)
            .options(
                joinedload(Motion.region).joinedload(Region.experiment).joinedload(Experiment.cell),
                joinedload(Motion.created_by),
            )
        )
        if row is None:
            raise NotFound("motion", motion_id)
        return row

    def motions(self, experiment_id: int) -> Sequence[Motion]:
        """Motions that nobody has kept yet, those in the bin too, by region and age."""
        return self._session.scalars(
            select(Motion)
            .join(Region)
            .where(Region.experiment_id == experiment_id, Motion.status != "kept")
            .options(joinedload(Motion.region))
            .order_by(Region.index, Motion.id)
        ).all()

    def of_motion(self, motion_id: int) -> Sequence[Demonstration]:
        """The takes that the arm made of a motion."""
        return self._session.scalars(
            select(Demonstration)
            .join(MotionTake, MotionTake.demonstration_id == Demonstration.id)
            .where(MotionTake.motion_id == motion_id)
            .order_by(Demonstration.take)
        ).all()

    def last_replay(self, demonstration_id: int) -> Replay | None:
        return self._session.scalar(
            select(Replay)
            .where(Replay.demonstration_id == demonstration_id)
            .order_by(Replay.id.desc())
            .limit(1)
        )

    def add(self, row: Demonstration) -> None:
        self._session.add(row)
        self._session.flush()
