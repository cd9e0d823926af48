"""Rubrics: milestones and failure modes of each task."""

from app.accounts.current_user import CurrentUser
from app.api.resource_route import IfMatch, check_unchanged, resource_router
from app.experiments.task_of_path import TaskDep
from app.platform.errors import InvalidInputs
from app.platform.requests import SessionDep
from app.trials.resources import RubricResource
from app.trials.rubrics import forget_rubric, rubric_of, save_rubric
from hndp_core.errors import InvalidSetting
from hndp_core.tasks import Milestone, Rubric

router = resource_router("Labels")


@router.get("/tasks/{task}/rubric")
def get_rubric(task: TaskDep, session: SessionDep) -> RubricResource:
    """What may be said of a trial of the task."""
    return RubricResource.of(rubric_of(session, task.name))


@router.put("/tasks/{task}/rubric")
def put_rubric(
    task: TaskDep, form: RubricResource, user: CurrentUser, session: SessionDep, if_match: IfMatch = None
) -> RubricResource:
    """Let another rubric hold for labels from now on; labels keep the words that they were given with."""
    check_unchanged(if_match, RubricResource.of(rubric_of(session, task.name)))
    milestones = tuple(Milestone(" ".join(each.name.split()), each.credit) for each in form.milestones)
    modes = tuple(" ".join(each.split()) for each in form.failure_modes)
    try:
        rubric = Rubric(milestones, modes)
    except InvalidSetting as error:
        raise InvalidInputs({error.field: f"{error.remedy[0].upper()}{error.remedy[1:]}."}) from error
    save_rubric(session, user, task.name, rubric)
    return RubricResource.of(rubric)


@router.delete("/tasks/{task}/rubric")
def reset_rubric(task: TaskDep, session: SessionDep, if_match: IfMatch = None) -> RubricResource:
    """Go back to the rubric that the task brings."""
    check_unchanged(if_match, RubricResource.of(rubric_of(session, task.name)))
    forget_rubric(session, task.name)
    session.flush()
    return RubricResource.of(rubric_of(session, task.name))
