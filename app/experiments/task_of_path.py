"""The task that an address names."""

from typing import Annotated

from fastapi import Depends

from app.platform.errors import NotFound
from hndp_core.errors import UnknownName
from hndp_core.tasks import Task, get_task


def task_of_path(task: str) -> Task:
    """
    Raises:
        NotFound: no such task.
    """
    try:
        return get_task(task)
    except UnknownName:
        raise NotFound("task", task) from None


TaskDep = Annotated[Task, Depends(task_of_path)]
