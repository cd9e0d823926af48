"""What an experiment does after a move to another server: nothing that ran there runs here. The caller
commits.
"""

from collections.abc import Collection, Sequence
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.demonstrations.models import Demonstration, Replay
from app.experiments.models import Experiment, Region
from app.platform.durable import Jobs
from app.platform.model import now
from app.training.label_snapshot import label_hash
from app.training.models import Gate, Iteration, Step
from app.training.step_life import hold, reopen
from app.trials.models import Trial

_NOT_RECORDED: Final = "It was not recorded when the experiment was archived: redo it."
_NOT_REPLAYED: Final = "The experiment was archived before it was replayed."


def take_up(session: Session, jobs: Jobs, experiment_id: int, current_gates: Collection[int]) -> None:
    """Put a restored experiment where a pause would have left it, with a refinement that can be resumed.

    One that ran and lacks nothing but the labels of its last iteration goes on waiting for them: no machine
    is needed, and nothing begins by itself.

    Args:
        session: holds its rows
        jobs: take the refinement up
        experiment_id: here
        current_gates: ids here of the gates that were not outdated; the others stay so
    """
    experiment = session.get_one(Experiment, experiment_id)
    experiment.binned_at = None
    _drop_what_ran(session, experiment_id)
    _renew_hashes(session, current_gates)
    if experiment.status not in ("running", "paused", "failed"):
        return
    steps = _steps(session, experiment_id)
    if not _waits_for_last_labels(session, experiment, steps):
        experiment.status = "paused"
        _put_back(session, steps)
    session.flush()
    jobs.start_refinement(session, experiment_id)


def _waits_for_last_labels(session: Session, experiment: Experiment, steps: Sequence[Step]) -> bool:
    """Whether it ran, and labels are all that is left of it: no trial is to be run again."""
    left = [(each.kind, each.status, each.iteration.number) for each in steps]
    if experiment.status != "running" or left != [("labelling", "waiting", experiment.iterations)]:
        return False
    planned = select(Trial.id).where(Trial.status == "planned")
    return session.scalar(planned.join(Iteration).where(Iteration.experiment_id == experiment.id)) is None


def _put_back(session: Session, steps: Sequence[Step]) -> None:
    for step in steps:
        hold(session, step.id)
        if step.status == "failed":
            reopen(session, step.id, step.attempt + 1)


def _drop_what_ran(session: Session, experiment_id: int) -> None:
    regions = select(Region.id).where(Region.experiment_id == experiment_id).scalar_subquery()
    demonstrations = select(Demonstration.id).where(Demonstration.region_id.in_(regions)).scalar_subquery()
    iterations = select(Iteration.id).where(Iteration.experiment_id == experiment_id).scalar_subquery()
    session.execute(
        update(Demonstration)
        .where(Demonstration.region_id.in_(regions), Demonstration.status.in_(("queued", "recording")))
        .values(status="failed", error=_NOT_RECORDED)
    )
    session.execute(
        update(Replay)
        .where(Replay.demonstration_id.in_(demonstrations), Replay.status.in_(("queued", "running")))
        .values(status="failed", note=_NOT_REPLAYED, ended_at=now())
    )
    session.execute(
        update(Trial)
        .where(Trial.iteration_id.in_(iterations), Trial.status == "running")
        .values(status="planned")
    )


def _renew_hashes(session: Session, gates: Collection[int]) -> None:
    """A gate keeps the hash of its label events, which counts their ids in: here they have others."""
    for gate_id in gates:
        gate = session.get_one(Gate, gate_id)
        gate.label_hash = label_hash(session, gate.iteration_id, gate.region_id)
    session.flush()


def _steps(session: Session, experiment_id: int) -> list[Step]:
    return list(
        session.scalars(
            select(Step)
            .join(Iteration)
            .where(Iteration.experiment_id == experiment_id, Step.status != "done")
            .order_by(Iteration.number, Step.position)
        )
    )
