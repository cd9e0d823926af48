"""Trials are planned as rows before the arm moves, so that a crash neither loses nor doubles one."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.experiments.models import Experiment, Region
from app.training.models import Step
from app.training.repository import policy_of, regions_of
from app.trials.models import Trial
from hndp_core.seeding import seed_for

PURPOSES = {"local_rollouts": "local", "gate_rollouts": "gate", "held_out_rollouts": "held_out"}
"""Purpose of the trials by the kind of the step that runs them."""


def plan_trials(session: Session, step: Step) -> Sequence[int]:
    """Plan the trials of a rollout step, unless they are planned already; return their ids in order.

    Gate trials are repeated in each region as often as the experiment says; the others are run once.
    """
    iteration, purpose = step.iteration, PURPOSES[step.kind]
    planned = _ids(session, iteration.id, purpose)
    if planned:
        return planned
    experiment = iteration.experiment
    kind = "local" if purpose == "local" else "global"
    policy = policy_of(session, experiment.id, iteration.number, kind)
    if policy is None:
        raise LookupError(f"iteration {iteration.number} has no {kind} policy to run")
    split = "held_out" if purpose == "held_out" else "train"
    repeats = experiment.trials_per_region if purpose == "gate" else 1
    session.add_all(
        Trial(
            iteration_id=iteration.id,
            region_id=region.id,
            policy_id=policy.id,
            cell_id=experiment.cell_id,
            purpose=purpose,
            repeat=repeat,
            attempt=1,
            simulated=experiment.cell.is_simulated,
            second_rated=drawn_for_second_rating(experiment, iteration.number, purpose, region, repeat),
        )
        for region in regions_of(session, experiment.id, split)
        for repeat in range(1, repeats + 1)
    )
    session.flush()
    return _ids(session, iteration.id, purpose)


def plan_again(session: Session, trial: Trial, cell_id: int) -> int:
    """Plan the next attempt of a trial that was labelled invalid; return its id."""
    again = Trial(
        iteration_id=trial.iteration_id,
        region_id=trial.region_id,
        policy_id=trial.policy_id,
        cell_id=cell_id,
        purpose=trial.purpose,
        repeat=trial.repeat,
        attempt=trial.attempt + 1,
        simulated=trial.simulated,
        second_rated=trial.second_rated,
    )
    session.add(again)
    session.flush()
    return again.id


def drawn_for_second_rating(
    experiment: Experiment, iteration: int, purpose: str, region: Region, repeat: int
) -> bool:
    """Whether a second person judges a planned trial too; the same for the same experiment, whoever asks.

    The simulated operator needs none, and local trials are not judged at all.
    """
    if purpose == "local" or experiment.operator == "simulated":
        return False
    place = iteration, purpose, region.index, repeat
    return is_drawn(experiment.second_rater_share, experiment.seed, *place)


def is_drawn(share: float, seed: int, *place: int | str) -> bool:
    """Whether a share of second judgements takes in the trial at a place of a plan; by the plan's seed."""
    return seed_for(seed, "second rater", *place) / 2**63 < share


def executed_count(session: Session, trial_ids: Sequence[int]) -> int:
    executed = select(func.count()).where(Trial.id.in_(trial_ids), Trial.status == "executed")
    return session.scalars(executed).one()


def _ids(session: Session, iteration_id: int, purpose: str) -> Sequence[int]:
    rows = (
        select(Trial.id)
        .join(Region)
        .where(Trial.iteration_id == iteration_id, Trial.purpose == purpose, Trial.attempt == 1)
        .order_by(Region.index, Trial.repeat)
    )
    return session.scalars(rows).all()
