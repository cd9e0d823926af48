"""What a training job computes: from staged files to result.safetensors, with the method's own functions."""

import json
from functools import partial
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
from hndp_core.hierarchy.distill import train_global_policy
from hndp_core.hierarchy.gate_targets import GateTargets, gate_targets
from hndp_core.hierarchy.local_experts import train_local_experts
from hndp_core.hierarchy.pretraining import pretrain_encoder
from hndp_core.learning.optimise import TrainingProgress
from hndp_core.policies.checkpoint import load_checkpoint, save_checkpoint
from hndp_core.policies.network import Network
from hndp_core.tasks import get_task


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
    config, seed = specification.config, specification.seed
    scene = get_task(specification.task).build_scene()
    total = config.pretrain_images + config.pretrain_steps
    try:
        images, positions = scene.pretraining_samples(
            config.pretrain_images, seed, on_image=lambda made: _print_progress(0, made, total, {})
        )
    finally:
        scene.close()
    report = partial(_report, done_before=config.pretrain_images)
    return pretrain_encoder(
        config, images, positions, seed=seed, checkpoint=folder / CHECKPOINT, report=report
    )


def _train_locals(specification: JobSpecification, folder: Path) -> Network:
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
    return train_global_policy(
        specification.config,
        DemonstrationSet.from_bytes((folder / DEMONSTRATIONS).read_bytes()),
        RolloutSet.from_bytes((folder / DATASET).read_bytes()),
        _network(folder / EXPERTS),  # type: ignore[arg-type]
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


def _report(progress: TrainingProgress, done_before: int = 0) -> None:
    """Tell the worker how far the training is, after so many pictures."""
    _print_progress(progress.done, done_before + progress.done, done_before + progress.total, progress.losses)


def _print_progress(at: int, done: int, total: int, losses: dict[str, float]) -> None:
    print(json.dumps({"done": done, "total": total, "at": at, "losses": losses}), flush=True)
