"""Queries of evaluation sessions. The caller owns the transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Select, and_, delete, exists, func, select, update
from sqlalchemy.orm import Session, aliased, defer, joinedload, selectinload

from app.accounts.models import User
from app.evaluations.models import Candidate, EvaluationSession, PlannedRun
from app.experiments.models import Experiment, Region
from app.platform.errors import NotFound
from app.training.models import Iteration, Policy
from app.trials.models import LabelEvent, Trial


class RunState(NamedTuple):
    """How a planned run stands: its last attempt, and that attempt's last label event."""

    position: int
    block: int
    letter: str
    region_id: int
    trial_id: int | None
    attempt: int | None
    status: str | None
    event_id: int | None
    outcome: str | None

    @property
    def executed(self) -> bool:
        return self.status == "executed"

    @property
    def label(self) -> str | None:
        """success, failure or invalid; None where no label stands."""
        return None if self.outcome == "withdrawn" else self.outcome

    @property
    def judged(self) -> bool:
        """Whether it counts."""
        return self.label in ("success", "failure")


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

    def selected(self, status: str | None) -> Select[EvaluationSession]:
        """Sessions of a status, or all."""
        query = select(EvaluationSession).options(
            joinedload(EvaluationSession.cell),
            joinedload(EvaluationSession.created_by),
            joinedload(EvaluationSession.closed_by),
            selectinload(EvaluationSession.candidates),
        )
        return query if status is None else query.where(EvaluationSession.status == status)

    def selected_policies(self, task: str) -> Select[Policy]:
        """Global policies of a task at one level, or all."""
        query = (
            select(Policy)
            .join(Iteration, Policy.iteration_id == Iteration.id)
            .join(Experiment, Iteration.experiment_id == Experiment.id)
            .where(Policy.kind == "global", Experiment.binned_at.is_(None))
            .options(joinedload(Policy.iteration).joinedload(Iteration.experiment))
        )
        return query.where(Experiment.task == task) if task else query

    def runs(self, session_id: int) -> Sequence[PlannedRun]:
        """All planned runs in their order, each with its trials, their labels and the physics: for the
        conduct of a session, never for a page.
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
            .where(Policy.kind == "global", Experiment.task == task, Experiment.binned_at.is_(None))
            .options(joinedload(Policy.iteration).joinedload(Iteration.experiment))
            .order_by(Experiment.id.desc(), Iteration.number.desc())
        ).all()

    def layouts(self) -> Sequence[Experiment]:
        """Experiments with a global policy: their layouts can be evaluated in, the newest first."""
        trained = select(Iteration.experiment_id).join(Policy).where(Policy.kind == "global")
        return self._session.scalars(
            select(Experiment)
            .where(Experiment.id.in_(trained), Experiment.binned_at.is_(None))
            .options(selectinload(Experiment.regions), joinedload(Experiment.cell))
            .order_by(Experiment.id.desc())
        ).all()

    def regions(self, session_id: int) -> Sequence[Region]:
        """The regions of a session, train ones first."""
        chosen = select(PlannedRun.region_id).where(PlannedRun.session_id == session_id)
        return self._session.scalars(
            select(Region).where(Region.id.in_(chosen)).order_by(Region.split.desc(), Region.index)
        ).all()

    def run_states(self, session_id: int) -> list[RunState]:
        """How all planned runs stand, in their order: few columns, for pages that look again and again."""
        later, event = aliased(Trial), aliased(LabelEvent)
        replaced = exists().where(later.planned_run_id == Trial.planned_run_id, later.attempt > Trial.attempt)
        newest = select(func.max(event.id)).where(event.trial_id == Trial.id).correlate(Trial)
        rows = self._session.execute(
            select(
                PlannedRun.position,
                PlannedRun.block,
                Candidate.letter,
                PlannedRun.region_id,
                Trial.id,
                Trial.attempt,
                Trial.status,
                LabelEvent.id,
                LabelEvent.outcome,
            )
            .join(Candidate, PlannedRun.candidate_id == Candidate.id)
            .outerjoin(Trial, and_(Trial.planned_run_id == PlannedRun.id, ~replaced.correlate(Trial)))
            .outerjoin(LabelEvent, LabelEvent.id == newest.scalar_subquery())
            .where(PlannedRun.session_id == session_id)
            .order_by(PlannedRun.position)
        )
        return [RunState(*row) for row in rows]

    def trial(self, session_id: int, trial_id: int) -> Trial:
        """Return a trial of the session with its labels; the physics is never loaded with it.

        Raises:
            NotFound: no such trial in this session.
        """
        row = self._session.scalar(
            select(Trial)
            .join(PlannedRun, Trial.planned_run_id == PlannedRun.id)
            .where(Trial.id == trial_id, PlannedRun.session_id == session_id)
            .options(
                defer(Trial.physics_success, raiseload=True),
                defer(Trial.measures, raiseload=True),
                joinedload(Trial.region),
                joinedload(Trial.planned_run),
                selectinload(Trial.labels).joinedload(LabelEvent.author),
            )
            .execution_options(populate_existing=True)
        )
        if row is None:
            raise NotFound(f"trial of evaluation session {session_id} with the number", trial_id)
        return row

    def next_attempt(self, trial: Trial) -> int | None:
        """Id of the later run of a trial that was judged invalid."""
        return self._session.scalar(
            select(Trial.id)
            .where(Trial.planned_run_id == trial.planned_run_id, Trial.attempt > trial.attempt)
            .order_by(Trial.attempt)
            .limit(1)
        )

    def decisions(self, session_id: int, most: int) -> Sequence[LabelEvent]:
        """The latest labels that count, newest first, one a trial."""
        later = aliased(LabelEvent)
        newer = exists().where(later.trial_id == LabelEvent.trial_id, later.id > LabelEvent.id)
        return self._session.scalars(
            select(LabelEvent)
            .join(Trial, LabelEvent.trial_id == Trial.id)
            .join(PlannedRun, Trial.planned_run_id == PlannedRun.id)
            .where(PlannedRun.session_id == session_id, LabelEvent.outcome != "withdrawn", ~newer)
            .options(
                joinedload(LabelEvent.author),
                joinedload(LabelEvent.trial).options(
                    defer(Trial.physics_success, raiseload=True),
                    defer(Trial.measures, raiseload=True),
                    joinedload(Trial.region),
                ),
            )
            .order_by(LabelEvent.id.desc())
            .limit(most)
        ).all()

    def invalid_attempts(self, session_id: int) -> dict[str, int]:
        """Number of runs that were judged invalid in the end, by letter: they are excluded."""
        newest = select(func.max(LabelEvent.id)).group_by(LabelEvent.trial_id)
        rows = self._session.execute(
            select(Candidate.letter, func.count())
            .select_from(LabelEvent)
            .join(Trial, LabelEvent.trial_id == Trial.id)
            .join(PlannedRun, Trial.planned_run_id == PlannedRun.id)
            .join(Candidate, PlannedRun.candidate_id == Candidate.id)
            .where(
                PlannedRun.session_id == session_id,
                LabelEvent.outcome == "invalid",
                LabelEvent.id.in_(newest),
            )
            .group_by(Candidate.letter)
        )
        return {letter: count for letter, count in rows}

    def raters(self, session_id: int) -> Sequence[str]:
        """Names of who labelled."""
        return self._session.scalars(
            select(User.name)
            .where(
                User.id.in_(
                    select(LabelEvent.author_id)
                    .join(Trial, LabelEvent.trial_id == Trial.id)
                    .join(PlannedRun, Trial.planned_run_id == PlannedRun.id)
                    .where(PlannedRun.session_id == session_id)
                )
            )
            .order_by(User.name)
        ).all()

    def executed_times(self, cell_id: int, most: int) -> list[datetime]:
        """When the last trials on a cell ended, whatever they were for; the latest first."""
        rows = self._session.scalars(
            select(Trial.executed_at)
            .where(Trial.cell_id == cell_id, Trial.executed_at.is_not(None))
            .order_by(Trial.executed_at.desc())
            .limit(most)
        )
        return [moment for moment in rows if moment is not None]

    def cancel_open_trials(self, session_id: int) -> None:
        """Mark what a closed session leaves undone."""
        runs = select(PlannedRun.id).where(PlannedRun.session_id == session_id)
        self._session.execute(
            update(Trial)
            .where(Trial.planned_run_id.in_(runs), Trial.status.in_(("planned", "running")))
            .values(status="cancelled")
        )

    def discard(self, row: EvaluationSession) -> None:
        """Delete a draft: nothing refers to it yet."""
        for model in (PlannedRun, Candidate):
            self._session.execute(delete(model).where(model.session_id == row.id))
        self._session.execute(delete(EvaluationSession).where(EvaluationSession.id == row.id))

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
