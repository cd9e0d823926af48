"""Queries of evaluation sessions. The caller owns the transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, func, select, update
from sqlalchemy.orm import Session, joinedload, selectinload

from app.accounts.models import User
from app.evaluations.models import Candidate, EvaluationSession, PlannedRun
from app.experiments.models import Experiment, Region
from app.platform.errors import NotFound
from app.training.models import Iteration, Policy
from app.trials.models import LabelEvent, SceneMatch, Trial
from app.trials.repository import WITHOUT_TRUTH, standing_labels
from app.trials.waiting import BLIND_PURPOSES, last_event, waits_for


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

    def trial(self, session_id: int, trial_id: int) -> Trial:
        """Return a trial of the session with its labels; the physics is never loaded with it.

        Raises:
            NotFound: no such trial in this session.
        """
        found = select(Trial).where(Trial.id == trial_id, of_session(session_id))
        row = self._session.scalar(blind_trials(found))
        if row is None:
            raise NotFound(f"trial of evaluation session {session_id} with the number", trial_id)
        return row

    def next_attempt(self, trial: Trial) -> Trial | None:
        """The later run of a trial that was judged invalid."""
        return self._session.scalar(
            select(Trial)
            .where(Trial.planned_run_id == trial.planned_run_id, Trial.attempt > trial.attempt)
            .options(*WITHOUT_TRUTH)
            .order_by(Trial.attempt)
            .limit(1)
        )

    def decisions(self, session_id: int, most: int, author_id: int | None = None) -> Sequence[LabelEvent]:
        """The latest judgements that stand, newest first, of one person or of all."""
        whose = () if author_id is None else (LabelEvent.author_id == author_id,)
        return self._session.scalars(
            standing_labels(_within(session_id), *whose)
            .options(
                joinedload(LabelEvent.author),
                joinedload(LabelEvent.trial).options(*WITHOUT_TRUTH, joinedload(Trial.region)),
            )
            .limit(most)
        ).all()

    def newest_label(self, session_id: int) -> int:
        """Id of the session's newest label event, 0 where there is none."""
        newest = select(LabelEvent.id).where(_within(session_id)).order_by(LabelEvent.id.desc()).limit(1)
        return self._session.scalar(newest) or 0

    def second_rated_trials(self, session_id: int) -> Sequence[Trial]:
        """Executed trials that were drawn for a second judgement, with their labels."""
        return self._session.scalars(
            select(Trial)
            .where(of_session(session_id), Trial.second_rated, Trial.status == "executed")
            .options(*WITHOUT_TRUTH, selectinload(Trial.labels))
        ).all()

    def invalid_attempts(self, session_id: int) -> dict[str, int]:
        """Number of trials that were judged invalid in the end, by letter: they are excluded."""
        rows = self._session.execute(
            select(Candidate.letter, func.count())
            .select_from(Trial)
            .join(PlannedRun, Trial.planned_run_id == PlannedRun.id)
            .join(Candidate, PlannedRun.candidate_id == Candidate.id)
            .where(
                PlannedRun.session_id == session_id,
                last_event(LabelEvent.outcome, second=False) == "invalid",
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

    def unjudged_counts(self) -> dict[int, int]:
        """Executed trials that wait for anybody's judgement, by session; of sessions that are not closed."""
        rows = self._session.execute(
            select(PlannedRun.session_id, func.count())
            .select_from(Trial)
            .join(PlannedRun, Trial.planned_run_id == PlannedRun.id)
            .join(EvaluationSession, PlannedRun.session_id == EvaluationSession.id)
            .where(waits_for(None, BLIND_PURPOSES), EvaluationSession.status != "closed")
            .group_by(PlannedRun.session_id)
        )
        return {session: count for session, count in rows}


def of_session(session_id: int) -> ColumnElement[bool]:
    """Condition on trials: one of the session's."""
    return Trial.planned_run_id.in_(select(PlannedRun.id).where(PlannedRun.session_id == session_id))


def blind_trials(query: Select[Any]) -> Select[Any]:
    """A query of trials that brings all that a page or a decision about them needs: neither the physics nor
    whose policy they try.
    """
    return query.options(
        *WITHOUT_TRUTH,
        joinedload(Trial.region),
        joinedload(Trial.planned_run),
        joinedload(Trial.scene).joinedload(SceneMatch.user),
        selectinload(Trial.labels).joinedload(LabelEvent.author),
    ).execution_options(populate_existing=True)


def _within(session_id: int) -> ColumnElement[bool]:
    """Condition on label events: of a trial of the session."""
    return LabelEvent.trial_id.in_(select(Trial.id).where(of_session(session_id)))
