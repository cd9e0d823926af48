"""What a label says beyond its outcome: milestones with their score, and why a trial failed."""

from typing import NamedTuple

from sqlalchemy.orm import Session

from app.platform.errors import Invalid
from app.trials.models import LabelEvent, Trial
from app.trials.rubrics import rubric_of
from app.trials.schemas import LabelForm
from hndp_core.tasks import Rubric


class Details(NamedTuple):
    """As a label event keeps it; None: nothing was said."""

    score: float | None = None
    milestones: list[str] | None = None
    failure_mode: str | None = None


def details_of(event: LabelEvent) -> Details:
    """What a label says."""
    return Details(event.score, event.milestones, event.failure_mode)


def said_in(session: Session, trial: Trial, form: LabelForm, current: LabelEvent | None) -> Details:
    """What a form says, added to what stood already under the same outcome.

    A success has reached every milestone. An invalid trial says nothing about the policy, so it has none.

    Raises:
        Invalid: more milestones than the rubric has.
    """
    if form.outcome == "invalid":
        return Details()
    before = details_of(current) if current is not None and current.outcome == form.outcome else Details()
    rubric = rubric_of(session, trial.iteration.experiment.task)
    if form.outcome == "success":
        return before if before.milestones else _reached(rubric, len(rubric.milestones))
    reached = before if form.milestones is None else _reached(rubric, form.milestones)
    return reached._replace(failure_mode=form.failure_mode or before.failure_mode)


def _reached(rubric: Rubric, count: int) -> Details:
    if count > len(rubric.milestones):
        raise Invalid(f"This task has {len(rubric.milestones)} milestones.", field="milestones")
    if not rubric.milestones:
        return Details()
    names = rubric.up_to(count)
    return Details(rubric.score(names), list(names))
