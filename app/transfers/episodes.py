"""Demonstrations and trials of an experiment as episodes of a data set. The caller owns the transaction."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256 as digest
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.demonstrations.models import Demonstration
from app.experiments.models import Experiment, Region
from app.training.label_snapshot import label_hash
from app.training.models import Gate, Iteration
from app.transfers.selection import Selection
from app.trials.judgement import standing_label
from app.trials.models import LabelEvent, Trial
from hndp_core.data.artefact_store import ArtefactStore, MissingArtefact
from hndp_core.data.dataset.episode import Episode, EpisodeFacts
from hndp_core.data.trajectory import unpack_arrays
from hndp_core.hierarchy import trial_seed
from hndp_core.tasks import get_task


@dataclass(frozen=True)
class EpisodeRow:
    """Names a demonstration or a trial."""

    kind: str
    id: int


def chosen_episodes(session: Session, experiment_id: int, selection: Selection) -> list[EpisodeRow]:
    """What a selection takes: demonstrations by region, then trials by iteration, purpose and region."""
    demonstrations = session.scalars(
        select(Demonstration.id)
        .join(Region)
        .where(Region.experiment_id == experiment_id, Demonstration.status.in_(selection.demonstrations))
        .order_by(Region.index, Demonstration.take)
    )
    chosen = [EpisodeRow("demonstration", each) for each in demonstrations]
    return chosen + [EpisodeRow("trial", each) for each in _chosen_trials(session, experiment_id, selection)]


def load_episode(session: Session, store: ArtefactStore, row: EpisodeRow) -> Episode:
    """Read one episode with its files.

    Raises:
        MissingArtefact, DamagedArtefact: a file is gone, or is not what was stored.
    """
    if row.kind == "demonstration":
        return _demonstration(session, store, row.id)
    return _trial(session, store, row.id)


def _chosen_trials(session: Session, experiment_id: int, selection: Selection) -> list[int]:
    query = (
        select(Trial)
        .join(Iteration, Trial.iteration_id == Iteration.id)
        .join(Region, Trial.region_id == Region.id)
        .where(
            Iteration.experiment_id == experiment_id,
            Trial.status == "executed",
            Trial.purpose.in_(selection.purposes),
        )
        .options(selectinload(Trial.labels))
        .order_by(Iteration.number, Trial.purpose, Region.index, Trial.repeat, Trial.attempt)
    )
    if selection.iterations:
        query = query.where(Iteration.number.in_(selection.iterations))
    return [
        each.id
        for each in session.scalars(query)
        if each.purpose == "local" or _outcome(each) in selection.labels
    ]


def _outcome(trial: Trial) -> str:
    label = standing_label(trial)
    return label.outcome if label is not None else "unlabelled"


def _demonstration(session: Session, store: ArtefactStore, demonstration_id: int) -> Episode:
    row = session.scalars(
        select(Demonstration)
        .where(Demonstration.id == demonstration_id)
        .options(
            joinedload(Demonstration.region).joinedload(Region.experiment).joinedload(Experiment.cell),
            joinedload(Demonstration.created_by),
        )
    ).one()
    experiment = row.region.experiment
    return _episode(
        store,
        row.artefact_key,
        "trajectory",
        row.sha256,
        {
            **_place(experiment, row.region),
            "kind": "demonstration",
            "id": row.id,
            "simulated": experiment.cell.is_simulated,
            "cell": experiment.cell.name,
            "source": row.source,
            "take": row.take,
            "status": row.status,
            "author": row.created_by.name,
            "warning": row.warning or None,
            "executed_at": _moment(row.recorded_at),
        },
    )


def _trial(session: Session, store: ArtefactStore, trial_id: int) -> Episode:
    row = session.scalars(
        select(Trial)
        .where(Trial.id == trial_id)
        .options(
            joinedload(Trial.region),
            joinedload(Trial.iteration).joinedload(Iteration.experiment),
            joinedload(Trial.policy),
            joinedload(Trial.cell),
            selectinload(Trial.labels).joinedload(LabelEvent.author),
        )
    ).one()
    experiment = row.iteration.experiment
    return _episode(
        store,
        row.artefact_key,
        "record",
        row.sha256,
        {
            **_place(experiment, row.region),
            "kind": "trial",
            "id": row.id,
            "simulated": row.simulated,
            "cell": row.cell.name,
            "scene_seed": trial_seed(
                experiment.seed,
                row.iteration.number,
                row.purpose,
                row.region.index,
                row.repeat - 1,
                row.attempt - 1,
            ),
            "purpose": row.purpose,
            "iteration": row.iteration.number,
            "repeat": row.repeat,
            "attempt": row.attempt,
            "policy": row.policy.kind,
            "policy_sha256": row.policy.sha256,
            "refusal": row.refusal or None,
            "period_error_p99_ms": row.period_error_p99_ms,
            "executed_at": _moment(row.executed_at),
            **_judgement(row),
            **_gate(session, row),
        },
    )


def _episode(
    store: ArtefactStore, folder: str | None, name: str, sha256: str | None, facts: dict[str, Any]
) -> Episode:
    if folder is None or sha256 is None:
        raise MissingArtefact(f"{facts['kind']} {facts['id']}")
    arrays = unpack_arrays(store.read(f"{folder}/{name}.npz", expected_sha256=sha256))
    video = store.read(f"{folder}/video.mp4")
    whole = EpisodeFacts(**facts, record_sha256=sha256, video_sha256=digest(video).hexdigest())
    return Episode.of_arrays(whole, arrays, store.read(f"{folder}/start.png"), video)


def _place(experiment: Experiment, region: Region) -> dict[str, Any]:
    return {
        "experiment": experiment.name,
        "task": experiment.task,
        "method": experiment.method,
        "experiment_seed": experiment.seed,
        "region": region.name,
        "region_split": region.split,
        "x_m": region.x_m,
        "y_m": region.y_m,
        "subject": region.subject or None,
        "rate_hz": float(get_task(experiment.task).control_rate_hz),
    }


def _judgement(trial: Trial) -> dict[str, Any]:
    """What people said of a trial, and what the simulator says once its iteration is closed: until then it
    could sway a label that is given anew.
    """
    label = standing_label(trial)
    told = label is not None and trial.iteration.finished_at is not None
    return {
        "label": label.outcome if label is not None else None,
        "label_author": label.author.name if label is not None else None,
        "label_simulated": label.author.is_simulated if label is not None else None,
        "score": label.score if label is not None else None,
        "failure_mode": (label.failure_mode or None) if label is not None else None,
        "label_events": _events(trial.labels) if trial.labels else None,
        "physics_success": trial.physics_success if told else None,
        "measures": json.dumps(trial.measures) if told and trial.measures else None,
    }


def _events(labels: Sequence[LabelEvent]) -> str:
    return json.dumps(
        [
            {
                "outcome": each.outcome,
                "rating": each.rating,
                "score": each.score,
                "milestones": each.milestones,
                "failure_mode": each.failure_mode,
                "author": each.author.name,
                "simulated": each.author.is_simulated,
                "note": each.note,
                "at": _moment(each.created_at),
            }
            for each in labels
        ]
    )


def _gate(session: Session, trial: Trial) -> dict[str, Any]:
    gate = session.scalar(
        select(Gate).where(Gate.iteration_id == trial.iteration_id, Gate.region_id == trial.region_id)
    )
    if gate is None or trial.iteration_id is None:
        return {}
    return {
        "gate": gate.value,
        "gate_label_hash": gate.label_hash,
        "gate_outdated": gate.label_hash != label_hash(session, trial.iteration_id, trial.region_id),
    }


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment is not None else None
