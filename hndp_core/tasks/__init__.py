"""Tasks, their regions and simulated scenes. Light to import: only `build_scene` loads the simulator."""

from hndp_core.tasks.level import Level
from hndp_core.tasks.outcome import Outcome
from hndp_core.tasks.region import DuplicateRegion, NoRegions, Region
from hndp_core.tasks.registry import UnknownTask, get_task, task_names, tasks_at_all_levels
from hndp_core.tasks.rubric import Milestone, Rubric
from hndp_core.tasks.scene import Scene
from hndp_core.tasks.task import Task
from hndp_core.tasks.variation import SceneVariation
from hndp_core.tasks.workspace import Workspace

__all__ = [
    "DuplicateRegion",
    "Level",
    "Milestone",
    "NoRegions",
    "Outcome",
    "Region",
    "Rubric",
    "Scene",
    "SceneVariation",
    "Task",
    "UnknownTask",
    "Workspace",
    "get_task",
    "task_names",
    "tasks_at_all_levels",
]
