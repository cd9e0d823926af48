"""The rubric of a task: the lab's own, or else the one that the task brings. The caller commits."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.platform.errors import Invalid
from app.trials.models import TaskRubric
from hndp_core.errors import InvalidSetting
from hndp_core.tasks import Milestone, Rubric, get_task
from hndp_core.tasks.rubric import MOST_FAILURE_MODES, MOST_MILESTONES

OTHER = "other"
"""The failure mode that is none of the rubric's; its note says more."""


def rubric_of(session: Session, task: str) -> Rubric:
    """Return the rubric of a task, given with or without its level.

    Raises:
        UnknownTask: no such task.
    """
    own = own_rubric(session, task)
    if own is None:
        return get_task(task).rubric
    return _rubric(own.milestones, own.failure_modes)


def pinned_rubric(rubric: Rubric) -> dict[str, Any]:
    """A rubric as JSON, for who keeps it as it is now."""
    return {
        "milestones": [[each.name, each.credit] for each in rubric.milestones],
        "failure_modes": list(rubric.failure_modes),
    }


def unpinned_rubric(pinned: Mapping[str, Any]) -> Rubric:
    """The inverse of `pinned_rubric`."""
    return _rubric(pinned["milestones"], pinned["failure_modes"])


def own_rubric(session: Session, task: str) -> TaskRubric | None:
    """The lab's own rubric of a task, if it has written one."""
    return session.get(TaskRubric, task.partition("@")[0])


def read_rubric(form: Mapping[str, str]) -> Rubric:
    """Return the rubric of a filled form; credits are given in any unit and brought to a sum of 1.

    Raises:
        Invalid: what is wrong, with the input's name.
    """
    milestones = []
    for place in range(1, MOST_MILESTONES + 1):
        name = _words(form, f"milestone_{place}")
        if name:
            milestones.append(Milestone(name, _credit(form, f"credit_{place}")))
    total = sum(each.credit for each in milestones)
    shares = tuple(Milestone(each.name, each.credit / total) for each in milestones)
    modes = [_words(form, f"mode_{place}") for place in range(1, MOST_FAILURE_MODES + 1)]
    try:
        return Rubric(shares, tuple(filter(None, modes)))
    except InvalidSetting as error:
        field = "milestone_1" if error.field == "milestones" else "mode_1"
        raise Invalid(f"{error.remedy[0].upper()}{error.remedy[1:]}.", field=field) from error


def save_rubric(session: Session, author: User, task: str, rubric: Rubric) -> None:
    """Let a rubric hold for labels from now on; labels keep the words that they were given with.

    Raises:
        UnknownTask: no such task.
    """
    name = get_task(task).name
    row = session.get(TaskRubric, name) or TaskRubric(task=name)
    row.milestones = [(each.name, each.credit) for each in rubric.milestones]
    row.failure_modes = list(rubric.failure_modes)
    row.author_id = author.id
    session.add(row)


def forget_rubric(session: Session, task: str) -> None:
    """Go back to the rubric that the task brings."""
    own = own_rubric(session, task)
    if own is not None:
        session.delete(own)


def _rubric(milestones: Iterable[Iterable[Any]], failure_modes: Iterable[str]) -> Rubric:
    return Rubric(tuple(Milestone(name, credit) for name, credit in milestones), tuple(failure_modes))


def _words(form: Mapping[str, str], name: str) -> str:
    return " ".join(form.get(name, "").split())


def _credit(form: Mapping[str, str], name: str) -> float:
    try:
        credit = float(form.get(name, ""))
    except ValueError:
        credit = 0.0
    if not 0 < credit <= 1000:
        raise Invalid("Give a number above 0, such as 25.", field=name)
    return credit
