"""What a plan can say, as programs get it: tasks, layouts, methods and settings."""

from collections.abc import Sequence

from pydantic import BaseModel

from app.experiments.method_choice import explain_method
from app.experiments.resources import Place
from app.experiments.settings_form import SettingField
from hndp_core import tasks
from hndp_core.hierarchy import Method


class LevelResource(BaseModel):
    """A difficulty of a task; `task` is what an experiment names to get it."""

    task: str
    name: str
    meaning: str
    train_regions: int
    held_out_regions: int
    success_rule: str


class TaskResource(BaseModel):
    """What can be taught, with its levels from easy to hard."""

    name: str
    title: str
    default_level: str
    levels: list[LevelResource]

    @classmethod
    def of(cls, name: str, levels: Sequence[tasks.Task]) -> "TaskResource":
        return cls(
            name=name,
            title=levels[0].title,
            default_level=levels[0].default_level,
            levels=[
                LevelResource(
                    task=each.key,
                    name=each.level.name,
                    meaning=each.level.meaning,
                    train_regions=each.train_regions,
                    held_out_regions=each.held_out_regions,
                    success_rule=each.success_rule,
                )
                for each in levels
            ],
        )


class MethodResource(BaseModel):
    """A way to learn; `iterative` where local policies teach a global one again and again."""

    name: str
    title: str
    explanation: str
    iterative: bool

    @classmethod
    def of(cls, method: Method) -> "MethodResource":
        return cls(
            name=method.name,
            title=method.title,
            explanation=explain_method(method),
            iterative=method.local_to_global,
        )


class LayoutResource(BaseModel):
    """Regions of a task, spread over its workspace: the same for the same numbers and seed."""

    task: str
    places: list[Place]

    @classmethod
    def of(cls, task: tasks.Task, regions: Sequence[tasks.Region]) -> "LayoutResource":
        return cls(
            task=task.key,
            places=[
                Place(split=each.split, x_m=each.x_m, y_m=each.y_m, subject=each.subject) for each in regions
            ],
        )


class SettingResource(BaseModel):
    """One advanced setting of a plan: a number in a `range`, or one of some `choices`."""

    name: str
    group: str
    help: str
    default: str
    range: str
    whole: bool
    choices: list[str]

    @classmethod
    def of(cls, field: SettingField, group: str) -> "SettingResource":
        told = {name: getattr(field, name) for name in ("name", "help", "default", "range", "whole")}
        return cls(**told, group=group, choices=list(field.choices))
