"""Milestones and failure modes of each task, as a lab wants them."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from app.accounts.current_user import CurrentUser
from app.experiments.routes import FormDep
from app.experiments.task_of_path import TaskDep
from app.platform.errors import Invalid
from app.platform.requests import PagesDep, SessionDep
from app.trials.rubrics import forget_rubric, own_rubric, read_rubric, rubric_of, save_rubric
from hndp_core.tasks import Rubric, Task, get_task, task_names
from hndp_core.tasks.rubric import MOST_FAILURE_MODES, MOST_MILESTONES

router = APIRouter(prefix="/rubrics")


@router.get("")
def listing(request: Request, session: SessionDep, pages: PagesDep) -> Response:
    tasks = [(get_task(name), rubric_of(session, name), own_rubric(session, name)) for name in task_names()]
    return pages.render(request, "trials/rubrics.html", {"tasks": tasks})


@router.get("/{task}")
def edit(request: Request, task: TaskDep, session: SessionDep, pages: PagesDep) -> Response:
    form = _filled(rubric_of(session, task.name))
    return pages.render(request, "trials/rubric.html", _context(session, task, form, {}))


@router.post("/{task}")
def save(
    request: Request, task: TaskDep, user: CurrentUser, session: SessionDep, pages: PagesDep, form: FormDep
) -> Response:
    try:
        rubric = read_rubric(form)
    except Invalid as error:
        context = _context(session, task, form, {error.field or "milestone_1": error.message})
        return pages.render(request, "trials/rubric.html", context, 422)
    save_rubric(session, user, task.name, rubric)
    return RedirectResponse("/rubrics", status_code=303)


@router.post("/{task}/reset")
def reset(task: TaskDep, session: SessionDep) -> Response:
    forget_rubric(session, task.name)
    return RedirectResponse("/rubrics", status_code=303)


def _context(session: SessionDep, task: Task, form: dict[str, str], errors: dict[str, str]) -> dict[str, Any]:
    return {
        "task": task,
        "own": own_rubric(session, task.name),
        "form": form,
        "errors": errors,
        "milestones": range(1, MOST_MILESTONES + 1),
        "modes": range(1, MOST_FAILURE_MODES + 1),
    }


def _filled(rubric: Rubric) -> dict[str, str]:
    """The form as it says a rubric, credits in per cent."""
    form = {f"mode_{place}": mode for place, mode in enumerate(rubric.failure_modes, start=1)}
    for place, milestone in enumerate(rubric.milestones, start=1):
        form |= {f"milestone_{place}": milestone.name, f"credit_{place}": f"{100 * milestone.credit:g}"}
    return form
