"""What the plan of an experiment can say: tasks with their layouts, methods with their settings."""

from typing import Annotated

from fastapi import Query

from app.api.resource_route import resource_router
from app.experiments.plan_resources import (
    LayoutResource,
    MethodResource,
    SettingResource,
    TaskResource,
)
from app.experiments.schemas import GREATEST_SEED, MOST_REGIONS
from app.experiments.settings_form import setting_groups
from app.experiments.task_of_path import TaskDep
from hndp_core.hierarchy import METHODS
from hndp_core.tasks import tasks_at_all_levels

router = resource_router("Experiments")

Count = Annotated[int | None, Query(ge=0, le=MOST_REGIONS, description="Without: the task's.")]


@router.get("/tasks")
def list_tasks() -> list[TaskResource]:
    """What can be taught."""
    return [TaskResource.of(name, levels) for name, levels in tasks_at_all_levels().items()]


@router.get("/tasks/{task}/layout")
def get_layout(
    task: TaskDep,
    regions: Count = None,
    held_out: Count = None,
    seed: Annotated[int, Query(ge=0, le=GREATEST_SEED)] = 0,
) -> LayoutResource:
    """The regions that a plan gets which names none: to be looked at, or changed and sent as `places`."""
    return LayoutResource.of(task, task.layout(regions, held_out, seed))


@router.get("/methods")
def list_methods() -> list[MethodResource]:
    """How it can be learned."""
    return [MethodResource.of(each) for each in METHODS.values()]


@router.get("/settings")
def list_settings() -> list[SettingResource]:
    """What `settings` of a plan may hold."""
    groups = setting_groups({})
    return [SettingResource.of(each, group) for group, members in groups.items() for each in members]
