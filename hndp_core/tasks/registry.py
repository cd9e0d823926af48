"""Tasks by name."""

from hndp_core.errors import UnknownName
from hndp_core.tasks.panda.pouring import PouringTask
from hndp_core.tasks.panda.scooping import ScoopingTask
from hndp_core.tasks.panda.writing import WritingTask
from hndp_core.tasks.task import Task

_TASKS: dict[str, type[Task]] = {task.name: task for task in (PouringTask, ScoopingTask, WritingTask)}


class UnknownTask(UnknownName):
    """A task that is not registered."""

    def __init__(self, name: str) -> None:
        super().__init__("task", name, _TASKS)


def task_names() -> tuple[str, ...]:
    """Return the names of all tasks, sorted."""
    return tuple(sorted(_TASKS))


def get_task(name: str) -> Task:
    """Return the task of that name: "scooping" at its default level, "scooping@clean" at another.

    Raises:
        UnknownTask: no such task; the message lists those there are.
        UnknownName: the task has no such level; the message lists those there are.
    """
    task, at, level = name.partition("@")
    if task not in _TASKS:
        raise UnknownTask(task)
    return _TASKS[task](level if at else None)
