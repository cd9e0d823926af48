"""Material that rows share: made once for a task, a layout and a seed, it is what each row would make."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar, cast

from hndp_core.experiments.simulated_cells import SimulatedCells
from hndp_core.experiments.table1.job import Job
from hndp_core.hierarchy.datasets import DemonstrationSet
from hndp_core.hierarchy.pretraining import pretrain_encoder
from hndp_core.hierarchy.run_folder import RunFolder
from hndp_core.hierarchy.steps import step_seed
from hndp_core.policies.checkpoint import dump_checkpoint, parse_checkpoint
from hndp_core.policies.pose_network import PoseNetwork

SECONDS_FILE = "seconds.json"

Made = TypeVar("Made")


def demonstrate(job: Job) -> None:
    """Let the teacher demonstrate in each train region, as often as the row's method is shown."""
    folder = RunFolder(job.done_file.parent)
    settings = job.run.settings(job.conditions)
    regions = [region for region in settings.layout() if region.split == "train"]

    def make() -> DemonstrationSet:
        with SimulatedCells(job.run.task, processes=1) as cells:
            return cells.demonstrations(regions, job.run.seed, settings.demonstrations)

    folder.keep(
        job.done_file.name,
        _timed(folder, make),
        DemonstrationSet.to_bytes,
        DemonstrationSet.from_bytes,
    )


def pretrain(job: Job) -> None:
    """Train the visual features that all rows of a task and a seed start from (H-NDP Sec. IV-C)."""
    folder = RunFolder(job.done_file.parent)
    config, seed = job.conditions.config, step_seed(job.run.seed, 1, "pretraining")

    def make() -> PoseNetwork:
        with SimulatedCells(job.run.task, processes=1) as cells:
            images, positions = cells.pretraining_samples(config.pretrain_images, seed)
        partial = folder.file("pretraining.partial")
        partial.parent.mkdir(parents=True, exist_ok=True)
        return pretrain_encoder(config, images, positions, seed=seed, checkpoint=partial)

    folder.keep(job.done_file.name, _timed(folder, make), dump_checkpoint, parse_checkpoint)
    folder.file("pretraining.partial").unlink(missing_ok=True)


def seconds_of(file: Path) -> float:
    """How long the material in the same folder took to make [s]."""
    return cast(float, RunFolder(file.parent).read_json(SECONDS_FILE, 0.0))


def _timed(folder: RunFolder, make: Callable[[], Made]) -> Callable[[], Made]:
    """Write down what the making took; of one that was interrupted, its last part."""

    def timed() -> Made:
        began_s = time.monotonic()
        made = make()
        folder.write_json(SECONDS_FILE, round(time.monotonic() - began_s, 3))
        return made

    return timed
