"""Queries of evaluation sessions. The caller owns the transaction."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.evaluations.models import Candidate, EvaluationSession, PlannedRun
from app.experiments.models import Experiment, Region
from app.platform.errors import NotFound
from app.training.models import Iteration, Policy
from app.trials.models import LabelEvent, Trial


class EvaluationRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, session_id: int) -> EvaluationSession:
        """Return a session with its cell and letters.

        Raises:
            NotFound: no such session.
        """
        row = self._session.scalar(
            select(EvaluationSession)
            .where(EvaluationSession.id == session_id)
            .options(
                joinedload(EvaluationSession.cell),
                joinedload(EvaluationSession.created_by),
                joinedload(EvaluationSession.closed_by),
                selectinload(EvaluationSession.candidates),
            )
            .execution_options(populate_existing=True)
        )
        if row is None:
            raise NotFound("evaluation session", session_id)
        return row

    def locked(self, session_id: int) -> EvaluationSession:
        """Return a session that nobody else changes until the transaction ends.

        Raises:
            NotFound: no such session.
        """
        self._session.execute(
            select(EvaluationSession.id).where(EvaluationSession.id == session_id).with_for_update()
        )
        return self.get(session_id)

    def named(self, name: str) -> EvaluationSession | None:
        same = func.lower(EvaluationSession.name) == name.lower()
        return self._session.scalar(select(EvaluationSession).where(same))

    def newest_first(self) -> Sequence[EvaluationSession]:
        return self._session.scalars(
            select(EvaluationSession)
            .options(joinedload(EvaluationSession.cell), selectinload(EvaluationSession.candidates))
            .order_by(EvaluationSession.id.desc())
        ).all()

    def runs(self, session_id: int) -> Sequence[PlannedRun]:
        """All planned runs in their order, each with its trials and their labels; the physics is left out
        of no row, as the simulated operator needs it: pages take what `progress` makes of them.
        """
        return self._session.scalars(
            select(PlannedRun)
            .where(PlannedRun.session_id == session_id)
            .options(
                joinedload(PlannedRun.region),
                joinedload(PlannedRun.candidate),
                selectinload(PlannedRun.trials).options(
                    joinedload(Trial.region), selectinload(Trial.labels).joinedload(LabelEvent.author)
                ),
            )
            .order_by(PlannedRun.position)
            .execution_options(populate_existing=True)
        ).all()

    def candidates_with_origin(self, session_id: int) -> Sequence[Candidate]:
        """The letters with their policies and where these come from: only for a session that is closed."""
        return self._session.scalars(
            select(Candidate)
            .where(Candidate.session_id == session_id)
            .options(
                joinedload(Candidate.policy).joinedload(Policy.iteration).joinedload(Iteration.experiment)
            )
            .order_by(Candidate.letter)
        ).all()

    def policies(self, task: str) -> Sequence[Policy]:
        """Global policies of a task, the newest experiment's first."""
        return self._session.scalars(
            select(Policy)
            .join(Iteration, Policy.iteration_id == Iteration.id)
            .join(Experiment, Iteration.experiment_id == Experiment.id)
            .where(Policy.kind == "global", Experiment.task == task)
            .options(joinedload(Policy.iteration).joinedload(Iteration.experiment))
            .order_by(Experiment.id.desc(), Iteration.number.desc())
        ).all()

    def layouts(self) -> Sequence[Experiment]:
        """Experiments with a global policy: their layouts can be evaluated in, the newest first."""
        trained = select(Iteration.experiment_id).join(Policy).where(Policy.kind == "global")
        return self._session.scalars(
            select(Experiment)
            .where(Experiment.id.in_(trained))
            .options(selectinload(Experiment.regions), joinedload(Experiment.cell))
            .order_by(Experiment.id.desc())
        ).all()

    def regions(self, session_id: int) -> Sequence[Region]:
        """The regions of a session, train ones first."""
        chosen = select(PlannedRun.region_id).where(PlannedRun.session_id == session_id)
        return self._session.scalars(
            select(Region).where(Region.id.in_(chosen)).order_by(Region.split.desc(), Region.index)
        ).all()

    def executed_times(self, cell_id: int, most: int) -> list:
        """When the last trials on a cell ended, whatever they were for; the latest first."""
        return list(
            self._session.scalars(
                select(Trial.executed_at)
                .where(Trial.cell_id == cell_id, Trial.executed_at.is_not(None))
                .order_by(Trial.executed_at.desc())
                .limit(most)
            )
        )

    def label_of_request(self, request_key: str) -> LabelEvent | None:
        return self._session.scalar(select(LabelEvent).where(LabelEvent.request_key == request_key))

    def unjudged_counts(self) -> dict[int, int]:
        """Executed trials whose label is owed, by session; of sessions that are not closed."""
        last = (
            select(LabelEvent.outcome)
            .where(LabelEvent.trial_id == Trial.id)
            .order_by(LabelEvent.id.desc())
            .limit(1)
            .correlate(Trial)
            .scalar_subquery()
        )
        rows = self._session.execute(
            select(PlannedRun.session_id, func.count())
            .join(Trial, Trial.planned_run_id == PlannedRun.id)
            .join(EvaluationSession, PlannedRun.session_id == EvaluationSession.id)
            .where(
                Trial.status == "executed",
                func.coalesce(last, "withdrawn") == "withdrawn",
                EvaluationSession.status != "closed",
            )
            .group_by(PlannedRun.session_id)
        )
        return {session: count for session, count in rows}
