"""A training job: `python -m app.training.job FOLDER PARENT`. Reads staged files, writes result.safetensors.

It runs in a process of its own, so that a heavy computation can be stopped at any moment. Killed and
started again it goes on from its checkpoint and ends with the same bits. Progress goes to stdout, one JSON
object a line; everything else that is printed is the log.
"""

import ctypes
import json
import os
import signal
import sys
from pathlib import Path

from app.training.specification import (
    CHECKPOINT,
    DATASET,
    DEMONSTRATIONS,
    EXPERTS,
    GATE_TRIALS,
    RESULT,
    WARM_START,
    JobSpecification,
)
from hndp_core.hierarchy.datasets import DemonstrationSet, RolloutSet, TrialSet
from hndp_core.hierarchy.gate_targets import GateTargets, gate_targets
from hndp_core.learning.optimise import TrainingProgress
from hndp_core.policies.checkpoint import load_checkpoint, save_checkpoint
from hndp_core.policies.network import Network

_PR_SET_PDEATHSIG = 1
_NICENESS = 10
"""Pages and arms come first: a label must not wait for a processor that training keeps busy."""


def run(folder: Path) -> None:
    """Do what the folder's specification asks."""
    specification = JobSpecification.read(folder)
    train = {
        "pretraining": _pretrain,
        "local_training": _train_locals,
        "global_training": _train_global,
    }[specification.kind]
    save_checkpoint(folder / RESULT, train(specification, folder))


def _pretrain(specification: JobSpecification, folder: Path) -> Network:
    from hndp_core.hierarchy.pretraining import pretrain_encoder
    from hndp_core.tasks import get_task

    config, seed = specification.config, specification.seed
    scene = get_task(specification.task).build_scene()
    try:
        images, positions = scene.pose_samples(config.pretrain_images, seed)
    finally:
        scene.close()
    return pretrain_encoder(
        config, images, positions, seed=seed, checkpoint=folder / CHECKPOINT, report=_report
    )


def _train_locals(specification: JobSpecification, folder: Path) -> Network:
    from hndp_core.hierarchy.local_experts import train_local_experts

    demonstrations = DemonstrationSet.from_bytes((folder / DEMONSTRATIONS).read_bytes())
    return train_local_experts(
        specification.config,
        demonstrations,
        _targets(specification, demonstrations, folder),
        _network(folder / EXPERTS),  # type: ignore[arg-type]
        seed=specification.seed,
        checkpoint=folder / CHECKPOINT,
        report=_report,
    )


def _train_global(specification: JobSpecification, folder: Path) -> Network:
    from hndp_core.hierarchy.distill import train_global_policy

    return train_global_policy(
        specification.config,
        DemonstrationSet.from_bytes((folder / DEMONSTRATIONS).read_bytes()),
        RolloutSet.from_bytes((folder / DATASET).read_bytes()),
        load_checkpoint(folder / EXPERTS),  # type: ignore[arg-type]
        _network(folder / WARM_START),  # type: ignore[arg-type]
        seed=specification.seed,
        checkpoint=folder / CHECKPOINT,
        report=_report,
    )


def _targets(
    specification: JobSpecification, demonstrations: DemonstrationSet, folder: Path
) -> GateTargets | None:
    if specification.gates is None:
        return None
    trials = TrialSet.from_bytes((folder / GATE_TRIALS).read_bytes())
    return gate_targets(demonstrations, trials, specification.gates)


def _network(file: Path) -> Network | None:
    return load_checkpoint(file) if file.exists() else None


def _report(progress: TrainingProgress) -> None:
    print(json.dumps({"done": progress.done, "total": progress.total, "losses": progress.losses}), flush=True)


def die_with(parent: int) -> None:
    """Have the kernel kill this process when its parent dies; if that has happened already, end now."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        raise SystemExit("the worker is gone")


if __name__ == "__main__":
    die_with(int(sys.argv[2]))
    os.nice(_NICENESS)
    run(Path(sys.argv[1]))
