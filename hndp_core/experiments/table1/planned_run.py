"""One run of one row: the unit of work of the table. It has a place of its own, and never runs twice."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from hashlib import blake2b
from typing import Any

from hndp_core.experiments.headless_run import HeadlessRun
from hndp_core.experiments.table1.rows import get_row
from hndp_core.hierarchy.config import RefinementConfig
from hndp_core.tasks import get_task


@dataclass(frozen=True)
class Conditions:
    """What all runs of one table have in common.

    Attributes:
        config: settings; each row sets method and iterations. One thread: the bits of a run then do not
            depend on how many others run beside it
        regions: number of train regions; None: the task's own
        held_out: number of held-out regions; None: the task's own
    """

    config: RefinementConfig = RefinementConfig(threads=1)  # noqa: RUF009  (frozen)
    regions: int | None = None
    held_out: int | None = None

    @property
    def fingerprint(self) -> str:
        """Short hash: material made under other conditions is never taken over."""
        text = json.dumps(asdict(self), sort_keys=True)
        return blake2b(text.encode(), digest_size=4).hexdigest()


@dataclass(frozen=True, order=True)
class PlannedRun:
    """A row, run once.

    Attributes:
        task: with its level, such as "scooping@clean", so that it means the same when defaults change
        row: name of the row
        layout_seed: which layout
        seed: of everything random in the run

    Raises:
        UnknownTask, UnknownName: for a task, level or row that does not exist.
    """

    task: str
    row: str
    layout_seed: int
    seed: int

    def __post_init__(self) -> None:
        get_row(self.row)
        object.__setattr__(self, "task", task_at_level(self.task))

    @property
    def key(self) -> str:
        """Where what belongs to the run is kept, relative to a folder of runs."""
        return f"{self.task.replace('@', '-')}/{self.row}/layout_{self.layout_seed}_seed_{self.seed}"

    @property
    def material_key(self) -> str:
        """Where the demonstrations are kept that it shares with other rows."""
        shown = get_row(self.row).demonstrations
        place = f"layout_{self.layout_seed}_seed_{self.seed}"
        return f"{self.task.replace('@', '-')}/demonstrations_{shown}x/{place}"

    @property
    def pretraining_key(self) -> str:
        """Where the pretraining is kept that it shares with other rows and layouts."""
        return f"{self.task.replace('@', '-')}/pretraining/seed_{self.seed}"

    def settings(self, conditions: Conditions) -> HeadlessRun:
        """The run as the command line knows it."""
        row = get_row(self.row)
        own: dict[str, Any] = {"method": row.method, "iterations": row.iterations, **row.settings}
        return HeadlessRun(
            task=self.task,
            config=replace(conditions.config, **own),
            seed=self.seed,
            regions=conditions.regions,
            held_out=conditions.held_out,
            layout_seed=self.layout_seed,
            demonstrations=row.demonstrations,
        )


def task_at_level(name: str, level: str | None = None) -> str:
    """The task's name with its level, be it the default one.

    Raises:
        UnknownTask, UnknownName: for a task or level that does not exist.
    """
    base = name.partition("@")[0]
    task = get_task(f"{base}@{level}" if level else name)
    return f"{task.name}@{task.level.name}"


def planned(
    tasks: Sequence[str], rows: Sequence[str], layout_seeds: Sequence[int], seeds: Sequence[int]
) -> list[PlannedRun]:
    """All combinations: one seed of everything first, then the next."""
    return [
        PlannedRun(task, row, layout_seed, seed)
        for layout_seed in layout_seeds
        for seed in seeds
        for task in tasks
        for row in rows
    ]
