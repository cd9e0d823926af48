"""Tasks by name: this package's own, and those that installed packages bring.

A package brings a task by an entry point of the group "hndp.tasks", so that every process of the studio finds
it, in whatever way the process was started.
"""

from functools import cache
from importlib.metadata import EntryPoint, entry_points

from hndp_core.errors import HndpError, UnknownName
from hndp_core.tasks.panda.pouring import PouringTask
from hndp_core.tasks.panda.scooping import ScoopingTask
from hndp_core.tasks.panda.writing import WritingTask
from hndp_core.tasks.task import Task

GROUP = "hndp.tasks"

_OWN: tuple[type[Task], ...] = (PouringTask, ScoopingTask, WritingTask)


class UnknownTask(UnknownName):
    """A task that is not registered."""

    def __init__(self, name: str) -> None:
        super().__init__("task", name, _tasks())


class UnusableTask(HndpError):
    """An entry point that brings no task."""

    def __init__(self, entry_point: EntryPoint, reason: str) -> None:
        super().__init__(
            f"The entry point {entry_point.name} = {entry_point.value} of the group {GROUP} "
            f"is unusable: {reason}."
        )


def task_names() -> tuple[str, ...]:
    """Return the names of all tasks, sorted."""
    return tuple(sorted(_tasks()))


def tasks_at_all_levels() -> dict[str, tuple[Task, ...]]:
    """Return every task at each of its levels, from easy to hard, by the task's name, sorted."""
    return {name: tuple(task(each.name) for each in task.levels) for name, task in sorted(_tasks().items())}


def get_task(name: str) -> Task:
    """Return the task of that name: "scooping" at its default level, "scooping@clean" at another.

    Raises:
        UnknownTask: no such task; the message lists those there are.
        UnknownName: the task has no such level; the message lists those there are.
        UnusableTask: an installed package brings something that is no task.
    """
    task, at, level = name.partition("@")
    if task not in _tasks():
        raise UnknownTask(task)
    return _tasks()[task](level if at else None)


@cache
def _tasks() -> dict[str, type[Task]]:
    """All tasks; what is installed while a process runs, it finds when it starts again."""
    found = {task.name: task for task in _OWN}
    for entry_point in entry_points(group=GROUP):
        task = _load(entry_point)
        if task.name in found:
            raise UnusableTask(entry_point, f"there is a task {task.name} already; give it another name")
        found[task.name] = task
    return found


def _load(entry_point: EntryPoint) -> type[Task]:
    try:
        task = entry_point.load()
    except (ImportError, AttributeError) as error:
        raise UnusableTask(entry_point, f"{error}; install its package anew, or remove it") from error
    if not (isinstance(task, type) and issubclass(task, Task)):
        raise UnusableTask(entry_point, "it names no subclass of hndp_core.tasks.Task")
    return task
