"""What a label says beyond its outcome: milestones with their score, and why a trial failed."""

from typing import NamedTuple

from app.platform.errors import Invalid
from app.trials.models import LabelEvent
from app.trials.schemas import JudgementForm
from hndp_core.tasks import Rubric


class Details(NamedTuple):
    """As a label event keeps it; None: nothing was said."""

    score: float | None = None
    milestones: list[str] | None = None
    failure_mode: str | None = None


def details_of(event: LabelEvent) -> Details:
    """What a label says."""
    return Details(event.score, event.milestones, event.failure_mode)


def said_in(rubric: Rubric, form: JudgementForm, current: LabelEvent | None) -> Details:
    """What a form says, added to what stood already under the same outcome.

    A success has reached every milestone. An invalid trial says nothing about the policy, so it has none.

    Raises:
        Invalid: more milestones than the rubric has.
    """
    if form.outcome == "invalid":
        return Details()
    before = details_of(current) if current is not None and current.outcome == form.outcome else Details()
    if form.outcome == "success":
        return before if before.milestones else _reached(rubric, len(rubric.milestones))
    reached = before if form.milestones is None else _reached(rubric, form.milestones)
    return reached._replace(failure_mode=form.failure_mode or before.failure_mode)


def credit_of(outcome: str, score: float | None) -> float:
    """Partial credit of a judged trial, 0 to 1: a success has all of it; a failure what its milestones add up
    to, and of which none were told, none.
    """
    return 1.0 if outcome == "success" else score or 0.0


def _reached(rubric: Rubric, count: int) -> Details:
    if count > len(rubric.milestones):
        raise Invalid(f"This task has {len(rubric.milestones)} milestones.", field="milestones")
    if not rubric.milestones:
        return Details()
    names = rubric.up_to(count)
    return Details(rubric.score(names), list(names))
