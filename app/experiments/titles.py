"""Names for people of what experiments store by its key; one that is gone keeps its key."""

from functools import cache

from hndp_core.errors import UnknownName
from hndp_core.hierarchy import get_method
from hndp_core.tasks import get_task


@cache
def task_title(key: str) -> str:
    """The task's name with its level: a package that brought it may be gone."""
    try:
        return get_task(key).full_title
    except UnknownName:
        return key


def method_title(name: str) -> str:
    """The method's name."""
    try:
        return get_method(name).title
    except UnknownName:
        return name
