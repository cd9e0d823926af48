"""What happens to the row of a step, from planned to done. The caller owns the transaction."""

from typing import Any, Final

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.experiments.models import Experiment
from app.platform.model import now
from app.training.models import TRAININGS, Iteration, Step
from app.training.repository import get_iteration, get_step
from app.trials.models import Trial
from hndp_core.hierarchy import RefinementConfig, iteration_steps

CURVE_POINTS: Final = 200
_LOG_CHARACTERS: Final = 20_000
_ERROR_CHARACTERS: Final = 2_000
_OPEN: Final = ("pending", "running", "waiting", "failed")


def open_iteration(session: Session, experiment_id: int, number: int) -> dict[str, int]:
    """Create an iteration with its pending steps, unless it is there; return the steps' ids by kind."""
    iteration = get_iteration(session, experiment_id, number)
    if iteration is None:
        experiment = session.get_one(Experiment, experiment_id)
        iteration = Iteration(experiment_id=experiment_id, number=number)
        kinds = iteration_steps(number, RefinementConfig(**experiment.settings))
        iteration.steps = [Step(kind=kind, position=place) for place, kind in enumerate(kinds)]
        session.add(iteration)
        session.flush()
    return {step.kind: step.id for step in iteration.steps}


def begin(step: Step, status: str = "running") -> None:
    """Mark a step as under way. One that goes on after a crash keeps its start; after a pause its start
    moves by the pause, so that the time since then is what was worked.
    """
    present = now()
    if step.started_at is None:
        step.started_at = present
    elif step.held_at is not None:
        step.started_at += present - step.held_at
    step.status, step.held_at = status, None


def hold(session: Session, step_id: int) -> None:
    """Put a step back that was interrupted by a pause: it goes on where it was."""
    step = get_step(session, step_id)
    if step.status in ("running", "waiting"):
        step.status, step.held_at = "pending", now()


def finish(step: Step) -> None:
    step.status, step.error, step.finished_at = "done", None, now()


def fail(session: Session, step_id: int, error: str, log_text: str) -> None:
    """Keep the reason and the end of the log, and let the experiment wait for a retry."""
    step = get_step(session, step_id)
    step.status, step.finished_at = "failed", now()
    step.error = error[:_ERROR_CHARACTERS]
    step.log = log_text[-_LOG_CHARACTERS:]
    experiment = session.get_one(Experiment, step.iteration.experiment_id)
    if experiment.status in ("running", "paused"):
        experiment.status = "failed"


def break_off(session: Session, experiment_id: int, error: str, log_text: str) -> int:
    """Fail the step under way, or else the next one, for what happened outside of it; return its id."""
    step = session.scalar(
        select(Step)
        .join(Iteration)
        .where(Iteration.experiment_id == experiment_id, Step.status != "done")
        .order_by(Iteration.number, Step.position)
        .limit(1)
    )
    if step is not None:
        step_id = step.id
    else:
        begun = session.scalar(
            select(func.max(Iteration.number)).where(Iteration.experiment_id == experiment_id)
        )
        step_id = next(iter(open_iteration(session, experiment_id, (begun or 0) + 1).values()))
    fail(session, step_id, error, log_text)
    return step_id


def reopen(session: Session, step_id: int, attempt: int) -> None:
    """Make a failed step ready for its next attempt. A training starts anew; other steps keep their trials
    and labels, and only the wait for the retry is left out of their time.
    """
    step = get_step(session, step_id)
    if step.kind in TRAININGS:
        step.started_at, step.done = None, 0
    elif step.started_at is not None:
        step.held_at = step.finished_at
    step.attempt, step.status, step.error, step.finished_at = attempt, "pending", None, None
    experiment = session.get_one(Experiment, step.iteration.experiment_id)
    if experiment.status == "failed":
        experiment.status = "running"


def close_cancelled(session: Session, experiment_id: int) -> None:
    """Mark what a cancelled experiment leaves undone."""
    iterations = select(Iteration.id).where(Iteration.experiment_id == experiment_id).scalar_subquery()
    session.execute(
        update(Step)
        .where(Step.iteration_id.in_(iterations), Step.status.in_(_OPEN))
        .values(status="cancelled", finished_at=now())
    )
    session.execute(
        update(Trial)
        .where(Trial.iteration_id.in_(iterations), Trial.status.in_(("planned", "running")))
        .values(status="cancelled")
    )


def add_to_curve(curve: list[dict[str, Any]], point: dict[str, Any]) -> list[dict[str, Any]]:
    """A loss curve with one more point, every other one left out when it grows beyond `CURVE_POINTS`.

    Points beyond the new one are dropped: a training that was cut off goes on from its last checkpoint.
    """
    grown = [each for each in curve if each["at"] < point["at"]] + [point]
    return grown if len(grown) <= CURVE_POINTS else [*grown[:-1:2], point]
