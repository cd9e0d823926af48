"""Queries of iterations, steps, policies and gates. The caller owns the transaction."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.experiments.models import Experiment, Region
from app.training.models import Gate, Iteration, Policy, Step
from app.trials.models import Trial


def get_experiment(session: Session, experiment_id: int) -> Experiment:
    return session.get_one(Experiment, experiment_id)


def get_step(session: Session, step_id: int) -> Step:
    return session.get_one(Step, step_id)


def get_iteration(session: Session, experiment_id: int, number: int) -> Iteration | None:
    return session.scalar(
        select(Iteration).where(Iteration.experiment_id == experiment_id, Iteration.number == number)
    )


def experiment_status(session: Session, experiment_id: int) -> str:
    return session.scalars(select(Experiment.status).where(Experiment.id == experiment_id)).one()


def regions_of(session: Session, experiment_id: int, split: str) -> Sequence[Region]:
    """Regions of one split in the order of their index: the order of everything that is trained or run."""
    return session.scalars(
        select(Region)
        .where(Region.experiment_id == experiment_id, Region.split == split)
        .order_by(Region.index)
    ).all()


def policy_of(session: Session, experiment_id: int, iteration: int, kind: str) -> Policy | None:
    return session.scalar(
        select(Policy)
        .join(Iteration)
        .where(Iteration.experiment_id == experiment_id, Iteration.number == iteration, Policy.kind == kind)
    )


def trials_of(
    session: Session, experiment_id: int, purpose: str, *, up_to: int, since: int = 1
) -> Sequence[Trial]:
    """Executed trials of some iterations in the order in which they were planned: iteration, then region.

    Only the last attempt of each planned trial; an earlier one was invalid.
    """
    rows = session.scalars(
        select(Trial)
        .join(Iteration)
        .join(Region, Trial.region_id == Region.id)
        .where(
            Iteration.experiment_id == experiment_id,
            Iteration.number.between(since, up_to),
            Trial.purpose == purpose,
            Trial.status == "executed",
        )
        .options(joinedload(Trial.region), joinedload(Trial.iteration))
        .order_by(Iteration.number, Region.index, Trial.repeat, Trial.attempt)
    )
    last = {(row.iteration_id, row.region_id, row.repeat): row for row in rows}
    return list(last.values())


def gates_of(session: Session, iteration_id: int) -> dict[int, int]:
    """Gates of an iteration by the index of their train region."""
    rows = session.execute(
        select(Region.index, Gate.value)
        .join(Region, Gate.region_id == Region.id)
        .where(Gate.iteration_id == iteration_id)
        .order_by(Region.index)
    )
    return {index: value for index, value in rows}
