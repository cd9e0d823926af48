"""The form of a new experiment: text in, checked values out, each problem beside its field."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from app.experiments.models import OPERATORS, SCENE_CHECKS
from app.experiments.settings_form import explain, read_settings
from hndp_core.errors import HndpError, InvalidSetting, UnknownName
from hndp_core.hierarchy import METHODS, RefinementConfig
from hndp_core.hierarchy.config import DATASET_SOURCES
from hndp_core.tasks import Region, Task, get_task

GREATEST_SEED: Final = 2**31 - 1
MOST_REGIONS: Final = 100
TRIALS_PER_REGION: Final = (1, 3, 5)
_SEPARATOR: Final = re.compile(r"[\s,]+")

_FIRST_TASK: Final = get_task("scooping")

DEFAULTS: Final[Mapping[str, str]] = {
    "name": "",
    "task": _FIRST_TASK.key,
    "method": "hndp",
    "operator": "human",
    "cell": "",
    "regions": str(_FIRST_TASK.train_regions),
    "held_out": str(_FIRST_TASK.held_out_regions),
    "layout_seed": "0",
    "positions": "",
    "iterations": "5",
    "seed": "0",
    "trials_per_region": "1",
    "second_rater_percent": "0",
    "dataset_source": "local_rollouts",
    "scene_check": "each",
}


class InvalidForm(Exception):
    """What is wrong, by the name of the input."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__("; ".join(errors.values()))
        self.errors = errors


@dataclass(frozen=True)
class NewExperiment:
    """A plan that can be carried out, apart from its name and cell, which only the database knows."""

    name: str
    task: Task
    operator: str
    cell: str
    regions: Sequence[Region]
    layout_seed: int
    seed: int
    second_rater_share: float
    config: RefinementConfig
    checks_scenes: bool


def read_layout(form: Mapping[str, str]) -> tuple[Task, Sequence[Region]]:
    """Return the task and its regions: the given positions, else a layout spread over the workspace.

    Raises:
        InvalidForm: no such task, or regions that it cannot use.
    """
    reader = _Reader(form)
    task, regions, _ = reader.layout()
    reader.refuse()
    assert task is not None
    return task, regions


def redrawn(form: Mapping[str, str]) -> dict[str, str]:
    """The form with the next layout seed, and without regions placed by hand."""
    seed = form.get("layout_seed", "").strip()
    following = int(seed) + 1 if seed.isdecimal() and int(seed) < GREATEST_SEED else 0
    return {**form, "layout_seed": str(following), "positions": ""}


def with_own_layout(form: Mapping[str, str]) -> dict[str, str]:
    """The form with the chosen task's own numbers of regions, and without regions placed by hand."""
    try:
        task = get_task(form.get("task", ""))
    except UnknownName:
        return dict(form)
    counts = {"regions": str(task.train_regions), "held_out": str(task.held_out_regions)}
    return {**form, **counts, "positions": ""}


def read_form(form: Mapping[str, str]) -> NewExperiment:
    """Check all that can be checked without the database.

    Raises:
        InvalidForm: all problems at once.
    """
    reader = _Reader(form)
    name = " ".join(form.get("name", "").split())
    if not 1 <= len(name) <= 80 or not name.isprintable():
        reader.errors["name"] = "Give it a name of 1 to 80 characters, so that you find it again."
    task, regions, layout_seed = reader.layout()
    operator = reader.choice("operator", OPERATORS)
    scene_check = reader.choice("scene_check", SCENE_CHECKS)
    seed = reader.whole("seed", 0, GREATEST_SEED)
    second_rater = reader.whole("second_rater_percent", 0, 100, empty=0)
    main = {
        "method": reader.choice("method", tuple(METHODS)),
        "iterations": reader.whole("iterations", 1, 100),
        "trials_per_region": reader.whole("trials_per_region", 1, 5),
        "dataset_source": reader.choice("dataset_source", DATASET_SOURCES),
    }
    if main["trials_per_region"] not in TRIALS_PER_REGION:
        reader.errors.setdefault("trials_per_region", "Choose 1, 3 or 5: a majority needs an odd number.")
    config, problems = read_settings(form, {key: value for key, value in main.items() if value is not None})
    reader.errors.update(problems)
    reader.refuse()
    assert task is not None
    assert operator is not None
    assert seed is not None
    assert second_rater is not None
    return NewExperiment(
        name=name,
        task=task,
        operator=operator,
        cell=form.get("cell", ""),
        regions=regions,
        layout_seed=layout_seed,
        seed=seed,
        second_rater_share=second_rater / 100,
        config=config,
        checks_scenes=scene_check == "each",
    )


class _Reader:
    """Reads one input after another and collects what is wrong."""

    def __init__(self, form: Mapping[str, str]) -> None:
        self._form = form
        self.errors: dict[str, str] = {}

    def refuse(self) -> None:
        if self.errors:
            raise InvalidForm(self.errors)

    def whole(self, name: str, low: int, high: int, *, empty: int | None = None) -> int | None:
        """A whole number; `empty` is what an empty field means, where it may be empty."""
        text = self._form.get(name, "").strip()
        if not text and empty is not None:
            return empty
        try:
            value = int(text)
        except ValueError:
            self.errors[name] = "Give a whole number."
            return None
        if not low <= value <= high:
            self.errors[name] = f"Choose between {low} and {high}."
            return None
        return value

    def choice(self, name: str, choices: Sequence[str]) -> str | None:
        value = self._form.get(name, "")
        if value not in choices:
            self.errors[name] = explain(UnknownName(name.replace("_", " "), value, choices))
            return None
        return value

    def task(self) -> Task | None:
        try:
            return get_task(self._form.get("task", ""))
        except UnknownName as error:
            self.errors["task"] = explain(error)
            return None

    def layout(self) -> tuple[Task | None, Sequence[Region], int]:
        """The task, its regions and the layout's seed; what is missing has left an error."""
        task = self.task()
        layout_seed = self.whole("layout_seed", 0, GREATEST_SEED)
        train = self.whole("regions", 0, MOST_REGIONS)
        held_out = self.whole("held_out", 0, MOST_REGIONS)
        if task is None:
            return None, (), 0
        positions = self._form.get("positions", "").strip()
        try:
            if positions:
                regions = parse_positions(positions, MOST_REGIONS)
                task.check_regions(regions)
                return task, regions, layout_seed or 0
            if layout_seed is None or train is None or held_out is None:
                return task, (), 0
            regions = task.layout(train, held_out, layout_seed)
        except HndpError as error:
            self.errors["positions" if positions else "regions"] = explain(error)
            return task, (), 0
        return task, regions, layout_seed


def parse_positions(text: str, most: int) -> tuple[Region, ...]:
    """Regions from lines such as `train 0.52 -0.10` (x and y in metres); train ones come first.

    What a line says after its place is the region's subject: `train 0.48 0.40 digit 7, writer 12`.

    Raises:
        InvalidSetting: a line that says something else, or more than `most` of a split.
    """
    places: dict[str, list[tuple[float, float, str]]] = {"train": [], "held_out": []}
    for number, line in enumerate(text.splitlines(), start=1):
        words = _SEPARATOR.split(line.strip(), maxsplit=3)
        if words == [""]:
            continue
        try:
            split, x_m, y_m, *subject = words
            places[split].append((float(x_m), float(y_m), " ".join(subject)))
        except (ValueError, KeyError):
            raise InvalidSetting(
                "positions", line, f"write line {number} as `train 0.52 -0.10` or `held_out 0.60 0.05`"
            ) from None
    for split, points in places.items():
        if len(points) > most:
            raise InvalidSetting("positions", len(points), f"place at most {most} {split} regions")
    return tuple(
        Region(index, split, *place)  # type: ignore[arg-type]
        for split, points in places.items()
        for index, place in enumerate(points, start=1)
    )


def written_positions(regions: Sequence[Region]) -> str:
    """The inverse of `parse_positions`."""
    return "\n".join(
        f"{each.split} {each.x_m:.4f} {each.y_m:.4f} {each.subject}".rstrip() for each in regions
    )
