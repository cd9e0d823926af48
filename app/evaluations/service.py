"""What may happen to an evaluation session, and when. The caller commits."""

import secrets
from collections.abc import Sequence

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.audit.service import audit
from app.evaluations.models import Candidate, EvaluationSession, PlannedRun
from app.evaluations.repository import EvaluationRepository
from app.evaluations.schemas import InvalidPlan, NewSession
from app.evaluations.session_rubric import rubric_of_session
from app.experiments.models import Experiment
from app.experiments.repository import ExperimentRepository
from app.platform.durable import Jobs
from app.platform.errors import Conflict
from app.platform.model import now
from app.trials.rubrics import pinned_rubric
from hndp_core.evaluation.order import drawn_letters, interleaved_order

_SEED_BITS = 31


def create_session(session: Session, user: User, plan: NewSession) -> EvaluationSession:
    """Store a plan as a draft, with its letters and its order.

    Raises:
        NotFound: no experiment of that number.
        InvalidPlan: the name is taken, or a policy, region or cell is not there or does not fit.
    """
    evaluations = EvaluationRepository(session)
    layout = ExperimentRepository(session).get(plan.layout)
    policies, errors = _check(session, plan, layout)
    if errors:
        raise InvalidPlan(errors)
    cells = {cell.name: cell for cell in ExperimentRepository(session).cells()}
    row = EvaluationSession(
        name=plan.name,
        task=layout.task,
        operator=plan.operator,
        pairing=plan.pairing,
        design=plan.design,
        level=plan.level,
        second_rater_share=plan.second_rater_share,
        curves=plan.curves,
        repeats=plan.repeats,
        seed=secrets.randbits(_SEED_BITS),
        cell_id=cells[plan.cell].id,
        created_by_id=user.id,
    )
    session.add(row)
    session.flush()
    letters = drawn_letters(len(policies), row.seed)
    for letter, policy in sorted(zip(letters, policies, strict=True)):
        session.add(Candidate(session_id=row.id, letter=letter, policy_id=policy))
        session.flush()
    _plan_runs(session, evaluations.get(row.id), plan.regions)
    return row


def start(session: Session, jobs: Jobs, session_id: int) -> EvaluationSession:
    """Begin with the first block; what may be said of its trials is as the task's rubric says now.

    Raises:
        Conflict: it was started before.
    """
    row = EvaluationRepository(session).locked(session_id)
    if row.status != "draft":
        raise Conflict(f"{row.name} was started before: it is {row.status}.")
    row.status, row.started_at = "running", now()
    row.rubric = pinned_rubric(rubric_of_session(session, row))
    session.flush()
    jobs.start_evaluation(session, row.id)
    return row


def pause(session: Session, jobs: Jobs, session_id: int) -> EvaluationSession:
    """Hold after the present trial."""
    return _change_status(session, jobs, session_id, "running", "paused")


def resume(session: Session, jobs: Jobs, session_id: int) -> EvaluationSession:
    """Go on after a pause."""
    row = _change_status(session, jobs, session_id, "paused", "running")
    row.fault = None
    return row


def close(session: Session, jobs: Jobs, user: User, session_id: int) -> EvaluationSession:
    """End the session for good and reveal its letters; who did it, and when, is kept.

    Raises:
        Conflict: it was never started, or is closed.
    """
    row = EvaluationRepository(session).locked(session_id)
    if row.status not in ("running", "paused"):
        raise Conflict(f"{row.name} is {row.status}: only a session that was started can be closed, once.")
    row.status, row.closed_at, row.closed_by_id, row.fault = "closed", now(), user.id, None
    session.flush()
    EvaluationRepository(session).cancel_open_trials(session_id)
    audit(session, user, "revealed", f"evaluation session {row.name} ({session_id})")
    jobs.evaluation_changed(session, session_id)
    return row


def discard(session: Session, session_id: int) -> None:
    """Remove a draft.

    Raises:
        Conflict: it was started: what was measured stays.
    """
    evaluations = EvaluationRepository(session)
    row = evaluations.locked(session_id)
    if row.status != "draft":
        raise Conflict(f"{row.name} was started, so it stays. Close it instead.")
    evaluations.discard(row)


def _check(session: Session, plan: NewSession, layout: Experiment) -> tuple[list[int], dict[str, str]]:
    """The policies in the order of their numbers, and what does not fit, by input."""
    evaluations, errors = EvaluationRepository(session), dict[str, str]()
    if evaluations.named(plan.name) is not None:
        errors["name"] = f"There is a session {plan.name!r} already. Choose another name."
    offered = {policy.id for policy in evaluations.policies(layout.task)}
    if not set(plan.policies) <= offered:
        errors["policies"] = f"Choose policies of the task {layout.task_title}."
    if not set(plan.regions) <= {region.id for region in layout.regions}:
        errors["regions"] = f"Choose regions of {layout.name}."
    if plan.cell not in {cell.name for cell in ExperimentRepository(session).cells()}:
        errors["cell"] = "Choose a cell that has been started once."
    return sorted(plan.policies), errors


def _plan_runs(session: Session, row: EvaluationSession, region_ids: Sequence[int]) -> None:
    regions = sorted(region_ids)
    turns = interleaved_order(len(row.candidates), len(regions), row.repeats, row.seed)
    session.add_all(
        PlannedRun(
            session_id=row.id,
            position=position,
            block=turn.block + 1,
            candidate_id=row.candidates[turn.policy].id,
            region_id=regions[turn.region],
        )
        for position, turn in enumerate(turns, start=1)
    )
    session.flush()


def _change_status(
    session: Session, jobs: Jobs, session_id: int, before: str, after: str
) -> EvaluationSession:
    row = EvaluationRepository(session).locked(session_id)
    if row.status == after:
        return row  # asked twice
    if row.status != before:
        raise Conflict(f"{row.name} is {row.status}, so it cannot become {after}. Reload the page.")
    row.status = after
    session.flush()
    jobs.evaluation_changed(session, session_id)
    return row
