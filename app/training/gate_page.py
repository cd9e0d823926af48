"""Gates and what they came from: which label events, by whom, when, and what was corrected since."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.experiments.models import Experiment
from app.training.label_snapshot import Judgement, hash_of
from app.training.models import Gate, Iteration, Rerun
from app.trials.models import LabelEvent, Trial

_Place = tuple[int, int]
"""Iteration id and region id."""


@dataclass(frozen=True)
class GateView:
    """One gate.

    Attributes:
        region: name of its region
        events: label events that it came from, the oldest first
        later: label events that came after it was set
        outdated: whether it would have another history now
        hash: beginning of the hash of the events that it came from
    """

    region: str
    value: int
    set_at: datetime
    hash: str
    outdated: bool
    events: Sequence[LabelEvent]
    later: Sequence[LabelEvent]


@dataclass(frozen=True)
class IterationGates:
    """The gates that an iteration ended with; `stale`: it was trained with gates that are outdated now."""

    number: int
    stale: bool
    gates: Sequence[GateView]

    @property
    def outdated(self) -> int:
        """Number of gates that a later correction has made outdated."""
        return sum(each.outdated for each in self.gates)


@dataclass(frozen=True)
class GatePage:
    """All gates of an experiment, and its relation to others.

    Attributes:
        iterations: those that have set gates, and the one under way
        rerun_from: the first iteration with an outdated gate that a later one depends on; None: none
        origin: what this experiment runs again; None: nothing
        reruns: experiments that run this one again
    """

    iterations: Sequence[IterationGates]
    rerun_from: int | None
    origin: Rerun | None
    reruns: Sequence[Rerun]


def view_gates(session: Session, experiment: Experiment) -> GatePage:
    """Everything about the gates of an experiment."""
    gates = _gates(session, experiment.id)
    events = _events(session, experiment.id)
    iterations, stale = [], False
    for iteration in _iterations(session, experiment.id):
        views = [
            _view(gate, events[iteration.id, gate.region_id]) for gate in gates if gate.iteration is iteration
        ]
        iterations.append(IterationGates(iteration.number, stale, views))
        stale = stale or any(each.outdated for each in views)
    rerun_from = next((each.number for each in iterations if each.outdated), None)
    if rerun_from is not None and rerun_from >= experiment.iterations:
        rerun_from = None  # no iteration depends on the last one's gates
    return GatePage(
        iterations=iterations,
        rerun_from=rerun_from,
        origin=session.get(Rerun, experiment.id),
        reruns=session.scalars(
            select(Rerun).where(Rerun.origin_id == experiment.id).order_by(Rerun.experiment_id)
        ).all(),
    )


def _view(gate: Gate, events: Sequence[LabelEvent]) -> GateView:
    return GateView(
        region=gate.region.name,
        value=gate.value,
        set_at=gate.created_at,
        hash=gate.label_hash[:12],
        outdated=hash_of(Judgement.of(each) for each in events) != gate.label_hash,
        events=[each for each in events if each.created_at <= gate.created_at],
        later=[each for each in events if each.created_at > gate.created_at],
    )


def _iterations(session: Session, experiment_id: int) -> Sequence[Iteration]:
    return session.scalars(
        select(Iteration).where(Iteration.experiment_id == experiment_id).order_by(Iteration.number)
    ).all()


def _gates(session: Session, experiment_id: int) -> Sequence[Gate]:
    return session.scalars(
        select(Gate)
        .join(Iteration)
        .where(Iteration.experiment_id == experiment_id)
        .options(joinedload(Gate.iteration), joinedload(Gate.region))
        .order_by(Gate.id)
    ).all()


def _events(session: Session, experiment_id: int) -> dict[_Place, list[LabelEvent]]:
    """Label events of gate trials, by what their gate is of, in the order in which they came."""
    rows = session.execute(
        select(Trial.iteration_id, Trial.region_id, LabelEvent)
        .join(Trial, LabelEvent.trial_id == Trial.id)
        .join(Iteration, Trial.iteration_id == Iteration.id)
        .where(Iteration.experiment_id == experiment_id, Trial.purpose == "gate")
        .options(joinedload(LabelEvent.author))
        .order_by(LabelEvent.id)
    )
    grouped: dict[_Place, list[LabelEvent]] = defaultdict(list)
    for iteration_id, region_id, event in rows:
        grouped[iteration_id, region_id].append(event)
    return grouped
