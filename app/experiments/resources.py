"""Experiments, their regions and plans as programs send and get them."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.experiments.models import Experiment
from app.experiments.models import Region as RegionRow
from app.experiments.schemas import (
    DEFAULTS,
    GREATEST_SEED,
    MOST_REGIONS,
    InvalidForm,
    NewExperiment,
    read_form,
    written_positions,
)
from app.experiments.settings_form import MAIN_SETTINGS, PREFIX
from app.platform.errors import InvalidInputs
from hndp_core import tasks
from hndp_core.errors import UnknownName
from hndp_core.hierarchy import RefinementConfig

Split = Literal["train", "held_out"]
_SETTINGS = frozenset(each.name for each in fields(RefinementConfig)) - frozenset(MAIN_SETTINGS)


class RegionResource(BaseModel):
    """R_i: one place of the task's object, in the robot's base frame. `index` counts from 1 in its split."""

    id: int
    experiment_id: int
    index: int
    name: str
    split: Split
    x_m: float
    y_m: float
    subject: str

    @classmethod
    def of(cls, row: RegionRow) -> "RegionResource":
        return cls.model_validate(row, from_attributes=True)


class CellName(BaseModel):
    """A cell, as other resources name it."""

    id: int
    name: str
    robot: str


class ExperimentResource(BaseModel):
    """One refinement of one task by one method: its plan, and where it stands.

    `settings` holds every setting of the method. `waiting` counts trials that wait for a judgement,
    `iteration` is the number of the last iteration that was begun, 0 before the start.
    """

    id: int
    name: str
    task: str
    method: str
    operator: Literal["human", "simulated"]
    status: Literal["draft", "running", "paused", "finished", "cancelled", "failed"]
    seed: int
    iterations: int
    trials_per_region: int
    second_rater_share: float
    checks_scenes: bool
    layout_seed: int
    settings: dict[str, Any]
    cell: CellName
    created_by: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    iteration: int
    waiting: int

    @classmethod
    def of(cls, row: Experiment, iteration: int, waiting: int) -> "ExperimentResource":
        own = {name: getattr(row, name) for name in cls.model_fields if hasattr(row, name)}
        cell = CellName.model_validate(row.cell, from_attributes=True)
        kept = own | {"cell": cell, "created_by": row.created_by.name}
        return cls(**kept, iteration=iteration, waiting=waiting)


class BinnedExperiment(BaseModel):
    """An experiment that was thrown away, and can be brought back."""

    id: int
    name: str
    status: str
    binned_at: datetime | None

    @classmethod
    def of(cls, row: Experiment) -> "BinnedExperiment":
        return cls.model_validate(row, from_attributes=True)


class Place(BaseModel):
    """Where a region is to be, in the robot's base frame."""

    model_config = ConfigDict(extra="forbid")

    split: Split
    x_m: float = Field(ge=-10, le=10)
    y_m: float = Field(ge=-10, le=10)
    subject: str = Field("", max_length=200, description="What stands there, where the place does not say.")


class ExperimentPlan(BaseModel):
    """A new experiment. What is left out is as on the page's form; `settings` are the advanced ones."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=80)
    task: str = Field(DEFAULTS["task"], max_length=80, description="With or without its level.")
    method: str = Field(DEFAULTS["method"], max_length=80)
    operator: Literal["human", "simulated"] = "human"
    cell: str = Field(max_length=80, description="Name of the cell that it runs on.")
    regions: int | None = Field(None, ge=0, le=MOST_REGIONS, description="Train regions; null: the task's.")
    held_out: int | None = Field(None, ge=0, le=MOST_REGIONS, description="Held-out ones, likewise.")
    layout_seed: int = Field(0, ge=0, le=GREATEST_SEED)
    places: list[Place] | None = Field(
        None, max_length=2 * MOST_REGIONS, description="Regions placed by hand, instead of a drawn layout."
    )
    iterations: int = Field(5, ge=1, le=100)
    seed: int = Field(0, ge=0, le=GREATEST_SEED)
    trials_per_region: Literal[1, 3, 5] = 1
    second_rater_percent: int = Field(0, ge=0, le=100)
    checks_scenes: bool = Field(True, description="An attended cell asks whether each scene matches.")
    dataset_source: str = Field(DEFAULTS["dataset_source"], max_length=80)
    settings: dict[str, int | float | str] = Field(default={}, max_length=200)

    def read(self) -> NewExperiment:
        """Check the plan as the form of the page is checked.

        Raises:
            InvalidInputs: all problems at once.
        """
        unknown = {
            f"settings.{name}": f"There is no such setting. Available: {', '.join(sorted(_SETTINGS))}."
            for name in self.settings
            if name not in _SETTINGS
        }
        if unknown:
            raise InvalidInputs(unknown)
        try:
            return read_form(self._form())
        except InvalidForm as problem:
            raise InvalidInputs({_input_of(name): said for name, said in problem.errors.items()}) from problem

    def _form(self) -> dict[str, str]:
        """As the page's form would send it."""
        plain = self.model_dump(exclude={"places", "settings", "regions", "held_out", "checks_scenes"})
        form = {name: str(value) for name, value in plain.items()}
        form |= {"positions": written_positions(self._regions()), **self._counts()}
        form["scene_check"] = "each" if self.checks_scenes else "none"
        return form | {PREFIX + name: str(value) for name, value in self.settings.items()}

    def _regions(self) -> Sequence[tasks.Region]:
        return [
            tasks.Region(number, place.split, place.x_m, place.y_m, " ".join(place.subject.split()))
            for number, place in enumerate(self.places or (), start=1)
        ]

    def _counts(self) -> dict[str, str]:
        try:
            task = tasks.get_task(self.task)
        except UnknownName:
            return {"regions": "0", "held_out": "0"}  # the task is what is told to be wrong
        train = task.train_regions if self.regions is None else self.regions
        held_out = task.held_out_regions if self.held_out is None else self.held_out
        return {"regions": str(train), "held_out": str(held_out)}


def _input_of(name: str) -> str:
    """Name of the plan's field for one of the form's inputs."""
    if name.startswith(PREFIX):
        return f"settings.{name.removeprefix(PREFIX)}"
    return {"positions": "places"}.get(name, name)
