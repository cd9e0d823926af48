"""The inputs of a training job as files in a folder of its own, so that the job needs no database."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.cells.record_files import load_record
from app.demonstrations.models import Demonstration
from app.training.models import Step
from app.training.repository import gates_of, get_iteration, policy_of, regions_of, trials_of
from app.training.specification import (
    DATASET,
    DEMONSTRATIONS,
    EXPERTS,
    GATE_TRIALS,
    WARM_START,
    JobSpecification,
)
from app.trials.models import Trial
from hndp_core.data.artefact_store import ArtefactStore
from hndp_core.hierarchy import get_method
from hndp_core.hierarchy.datasets import DemonstrationSet, RolloutSet, TrialSet
from hndp_core.hierarchy.steps import step_seed
from hndp_core.tasks import get_task


@dataclass(frozen=True)
class Pinned:
    """What a refinement has settled for good: demonstrations, and the trials behind the last gates."""

    demonstrations: Sequence[int]
    gate_trials: Sequence[int]


def stage(session: Session, store: ArtefactStore, step: Step, pinned: Pinned, folder: Path) -> None:
    """Write all that the step's training job reads. Doing it again writes the same bytes.

    Raises:
        MissingArtefact, DamagedArtefact: an input is gone or has changed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    number, experiment = step.iteration.number, step.iteration.experiment
    before = get_iteration(session, experiment.id, number - 1)
    gates = gates_of(session, before.id) if before is not None and step.kind == "local_training" else None
    JobSpecification(
        kind=step.kind,
        task=experiment.task,
        settings=experiment.settings,
        seed=step_seed(experiment.seed, number, step.kind),
        gates=gates,
    ).write(folder)
    if step.kind == "pretraining":
        return
    demonstrations = _demonstrations(session, store, pinned.demonstrations)
    (folder / DEMONSTRATIONS).write_bytes(demonstrations.to_bytes())
    if step.kind == "local_training":
        _stage_policy(session, store, experiment.id, number - 1, "local", folder / EXPERTS)
        if gates is not None:
            trials = _gate_trials(session, store, pinned.gate_trials, gates)
            (folder / GATE_TRIALS).write_bytes(trials.to_bytes())
        return
    (folder / DATASET).write_bytes(_dataset(session, store, step, demonstrations).to_bytes())
    _stage_policy(session, store, experiment.id, number, "local", folder / EXPERTS)
    warm_start = (number - 1, "global") if number > 1 else (1, "encoder")
    _stage_policy(session, store, experiment.id, *warm_start, folder / WARM_START)


def _stage_policy(
    session: Session, store: ArtefactStore, experiment_id: int, iteration: int, kind: str, file: Path
) -> None:
    policy = policy_of(session, experiment_id, iteration, kind)
    if policy is not None:
        file.write_bytes(store.read(policy.artefact_key, expected_sha256=policy.sha256))


def _demonstrations(session: Session, store: ArtefactStore, ids: Sequence[int]) -> DemonstrationSet:
    rows = [session.get_one(Demonstration, each) for each in ids]
    loaded = [load_record(store, row.artefact_key or "", "trajectory", row.sha256) for row in rows]
    return DemonstrationSet(
        regions=np.array([row.region.index for row in rows], dtype=np.int64),
        images=np.stack([image for _, image in loaded]),
        states=np.stack([arrays["state"] for arrays, _ in loaded]),
        starts=np.stack([arrays["start_joints"] for arrays, _ in loaded]),
        trajectories=np.stack([arrays["commanded"] for arrays, _ in loaded]),
    )


def _gate_trials(
    session: Session, store: ArtefactStore, ids: Sequence[int], gates: dict[int, int]
) -> TrialSet:
    """The one trial of each region that its gate stands for, labelled as the gate says."""
    rows = [session.get_one(Trial, each) for each in ids]
    loaded = [load_record(store, row.artefact_key or "", "record", row.sha256) for row in rows]
    labels = ["success" if gates[row.region.index] else "failure" for row in rows]
    return TrialSet(
        regions=np.array([row.region.index for row in rows], dtype=np.int64),
        labels=np.array(labels, dtype="U7"),
        images=np.stack([image for _, image in loaded]),
        states=np.stack([arrays["state"] for arrays, _ in loaded]),
        starts=np.stack([arrays["start_joints"] for arrays, _ in loaded]),
        trajectories=np.stack([arrays["commanded"] for arrays, _ in loaded]),
    )


def _dataset(
    session: Session, store: ArtefactStore, step: Step, demonstrations: DemonstrationSet
) -> RolloutSet:
    """D: the start observations of all rollouts in train regions so far that feed it."""
    number, experiment = step.iteration.number, step.iteration.experiment
    if not get_method(experiment.method).new_images:
        repeated = [demonstrations.observations(each) for each in range(1, number + 1)]
        return reduce(RolloutSet.grown, repeated)
    if experiment.settings["dataset_source"] == "local_rollouts":
        rows = trials_of(session, experiment.id, "local", up_to=number)
    else:
        rows = trials_of(session, experiment.id, "gate", up_to=number - 1)
    if not rows:
        task = get_task(experiment.task)
        return RolloutSet.empty(task.image_size, task.state_size, task.dof)
    loaded = [load_record(store, row.artefact_key or "", "record", row.sha256) for row in rows]
    return RolloutSet(
        regions=np.array([row.region.index for row in rows], dtype=np.int64),
        iterations=np.array([row.iteration.number for row in rows], dtype=np.int64),
        images=np.stack([image for _, image in loaded]),
        states=np.stack([arrays["state"] for arrays, _ in loaded]),
        starts=np.stack([arrays["start_joints"] for arrays, _ in loaded]),
    )


def accepted_demonstrations(session: Session, experiment_id: int) -> list[int]:
    """Ids of the accepted demonstrations in the order of the train regions.

    Raises:
        LookupError: a train region has none.
    """
    chosen = []
    for region in regions_of(session, experiment_id, "train"):
        found = session.scalar(
            select(Demonstration.id).where(
                Demonstration.region_id == region.id, Demonstration.status == "accepted"
            )
        )
        if found is None:
            raise LookupError(
                f"Region {region.name} has no accepted demonstration: record one and accept it."
            )
        chosen.append(found)
    return chosen
