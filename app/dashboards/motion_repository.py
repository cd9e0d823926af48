"""Where the joint trajectories of an experiment are kept. The caller owns the transaction."""

from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.demonstrations.models import Demonstration
from app.training.models import Iteration
from app.trials.models import Trial


class StoredMotion(NamedTuple):
    """Where the joint trajectory of one rollout is kept."""

    id: int
    folder: str
    sha256: str | None


class MotionRepository:
    def __init__(self, session: Session, experiment_id: int) -> None:
        self._session = session
        self._id = experiment_id

    def demonstration_in(self, region_id: int) -> StoredMotion | None:
        row = self._session.execute(
            select(Demonstration.id, Demonstration.artefact_key, Demonstration.sha256).where(
                Demonstration.region_id == region_id, Demonstration.status == "accepted"
            )
        ).first()
        return _motion(*row) if row is not None else None

    def trial_in(self, region_id: int, iteration: int, purpose: str) -> StoredMotion | None:
        """The last executed attempt of the first planned trial."""
        row = self._session.execute(
            select(Trial.id, Trial.artefact_key, Trial.sha256)
            .join(Iteration, Trial.iteration_id == Iteration.id)
            .where(
                Iteration.experiment_id == self._id,
                Iteration.number == iteration,
                Trial.region_id == region_id,
                Trial.purpose == purpose,
                Trial.status == "executed",
            )
            .order_by(Trial.repeat, Trial.attempt.desc())
            .limit(1)
        ).first()
        return _motion(*row) if row is not None else None


def _motion(row_id: int, folder: str | None, sha256: str | None) -> StoredMotion | None:
    return StoredMotion(row_id, folder, sha256) if folder is not None else None
