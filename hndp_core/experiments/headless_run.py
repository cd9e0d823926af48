"""The whole loop without a browser: simulated cells, and an operator who labels by the physics."""

import fcntl
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hndp_core.data.artefact_store import ArtefactStore
from hndp_core.errors import HndpError, InvalidSetting, UnknownName
from hndp_core.evaluation.success_rate import SuccessRate
from hndp_core.hierarchy.config import RefinementConfig
from hndp_core.hierarchy.steps import StepProgress
from hndp_core.tasks import Region, get_task

if TYPE_CHECKING:
    from hndp_core.hierarchy.refine import IterationResult

OPERATORS = ("simulated",)
RUN_FILE, RESULTS_FILE, LOCK_FILE = "run.json", "results.json", "run.lock"
DEMONSTRATIONS_FILE = "demonstrations.npz"


class FolderInUse(HndpError):
    """A data folder that belongs to another run, or in which one is at work."""


@dataclass(frozen=True)
class HeadlessRun:
    """All that a headless run depends on.

    Attributes:
        task: name of the task
        config: settings of the refinement
        operator: who labels; "simulated" labels by the physics
        seed: of everything random
        regions: number of train regions; None becomes the task's own
        held_out: number of held-out regions; None becomes the task's own
        layout_seed: which layout
        demonstrations: of each train region

    Raises:
        UnknownTask, UnknownName: for a task or operator that does not exist.
        NoRegions, InvalidSetting: for a layout that the task cannot have, or without demonstrations.
    """

    task: str = "scooping"
    config: RefinementConfig = RefinementConfig()  # noqa: RUF009  (frozen)
    operator: str = "simulated"
    seed: int = 0
    regions: int | None = None
    held_out: int | None = None
    layout_seed: int = 0
    demonstrations: int = 1

    def __post_init__(self) -> None:
        if self.operator not in OPERATORS:
            raise UnknownName("operator", self.operator, OPERATORS)
        if self.demonstrations < 1:
            raise InvalidSetting("demonstrations", self.demonstrations, "give each region 1 or more")
        task = get_task(self.task)
        if self.regions is None:
            object.__setattr__(self, "regions", task.train_regions)
        if self.held_out is None:
            object.__setattr__(self, "held_out", task.held_out_regions)
        self.layout()

    def layout(self) -> tuple[Region, ...]:
        """The regions, train ones first."""
        task = get_task(self.task)
        layout = task.layout(self.regions, self.held_out, self.layout_seed)
        task.check_regions(layout)
        return layout

    def as_dict(self) -> dict[str, Any]:
        """All of it, for JSON."""
        return asdict(self)

    def to_json(self) -> str:
        """One JSON object; equal runs give equal text."""
        return json.dumps(self.as_dict(), sort_keys=True)


def run(
    settings: HeadlessRun,
    data_dir: Path,
    *,
    report: Callable[[StepProgress], None] = lambda progress: None,
    processes: int = 2,
    device: str = "cpu",
    made: Mapping[str, Path] | None = None,
) -> dict[str, Any]:
    """Run Algorithm 1, or go on with it where an earlier call was interrupted.

    Args:
        settings: what to run
        data_dir: keeps demonstrations, policies, D, trials and results.json
        report: told of the progress
        processes: simulated cells at work at the same time; changes nothing in the result
        device: where trainings are computed, "cpu" or "cuda"; the same bits come back on the CPU alone
        made: artefacts by key that other runs share with this one; they are taken over, not made again

    Returns:
        {"iterations": [{"iteration": 1, "train": {"successes": k, "trials": n, "interval": [low, high]},
        "held_out": {...}, "open_gates": g, "seconds": {step: s}}, ...]}

    Raises:
        FolderInUse: `data_dir` belongs to a run with other settings, or another process runs in it.
    """
    from hndp_core.experiments.outcome_log import OutcomeLog
    from hndp_core.experiments.simulated_cells import SimulatedCells
    from hndp_core.hierarchy.datasets import DemonstrationSet
    from hndp_core.hierarchy.refine import Refinement
    from hndp_core.hierarchy.rollout_request import simulated_operator
    from hndp_core.hierarchy.run_folder import RunFolder

    layout = settings.layout()
    train = [each for each in layout if each.split == "train"]
    with _claimed(settings, data_dir), SimulatedCells(settings.task, processes) as cells:
        folder = RunFolder(data_dir)
        for key, file in (made or {}).items():
            folder.keep(key, file.read_bytes, bytes, bytes)
        demonstrations = folder.keep(
            DEMONSTRATIONS_FILE,
            lambda: cells.demonstrations(train, settings.seed, settings.demonstrations),
            DemonstrationSet.to_bytes,
            DemonstrationSet.from_bytes,
        )
        refinement = Refinement(
            settings.config,
            seed=settings.seed,
            regions=layout,
            demonstrations=demonstrations,
            pretraining_samples=cells.pretraining_samples,
            rollouts=OutcomeLog(cells.rollouts, folder),
            operator=simulated_operator,
            folder=folder,
            report=report,
            device=device,
        )
        result: dict[str, Any] = {"iterations": []}
        for each in refinement.run():
            result["iterations"].append(_counted(each))
            folder.write_json(RESULTS_FILE, result)
    return result


def _counted(reached: "IterationResult") -> dict[str, Any]:
    return {
        "iteration": reached.iteration,
        "train": SuccessRate(reached.train_successes, reached.train_trials).as_dict(),
        "held_out": SuccessRate(reached.held_out_successes, reached.held_out_trials).as_dict(),
        "open_gates": reached.open_gates,
        "seconds": reached.seconds,
    }


@contextmanager
def _claimed(settings: HeadlessRun, data_dir: Path) -> Iterator[None]:
    """Hold the folder for this process and this run."""
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / LOCK_FILE).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            message = f"Another process runs in {data_dir}: wait for it, or choose another folder."
            raise FolderInUse(message) from error
        owner = data_dir / RUN_FILE
        if owner.exists():
            if owner.read_text() != settings.to_json():
                raise FolderInUse(
                    f"{data_dir} belongs to a run with other settings ({RUN_FILE} tells which): "
                    "choose another folder, or give the same settings to go on with it."
                )
        elif any(each.name != LOCK_FILE and each.suffix != ".draft" for each in data_dir.iterdir()):
            raise FolderInUse(f"{data_dir} holds other files and no run: choose an empty folder.")
        else:  # whole or not at all: a torn file would belong to no run
            ArtefactStore(data_dir).write(RUN_FILE, settings.to_json().encode())
        yield
