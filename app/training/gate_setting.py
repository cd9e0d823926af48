"""Labels become gates: when all gate trials of an iteration are judged (H-NDP Eq. 4). The caller commits."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.accounts.service import SIMULATED_OPERATOR, ensure_user
from app.experiments.models import Experiment, Region
from app.platform.model import now
from app.training.label_snapshot import label_hash
from app.training.models import Gate, Iteration
from app.training.repository import gates_of, get_step
from app.training.step_life import begin, finish
from app.trials.judgement import settled_outcome, standing_label
from app.trials.models import LabelEvent, Trial
from app.trials.planning import plan_again
from hndp_core.hierarchy import gates_from_labels


@dataclass(frozen=True)
class Labelling:
    """Where the labelling of an iteration stands.

    Attributes:
        state: "waiting" for people, "again" (invalid trials must be run again first), "set" or "cancelled"
        again: ids of trials to run
        gate_trials: when set, for each train region the trial whose observation and plan the gate stands
            for; a later correction of a label does not change them
        grace_s: while waiting, seconds for which the last label can still be taken back; 0 where others
            are missing
    """

    state: str
    again: tuple[int, ...] = ()
    gate_trials: tuple[int, ...] = ()
    grace_s: float = 0.0

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def settle_labels(session: Session, step_id: int, grace_s: float) -> Labelling:
    """Look at all labels of the step's iteration; plan invalid trials again, or set the gates.

    A trial that a second person is to judge too, or on which two disagree, counts as not judged yet.

    Held-out trials are run again here, too, whichever iteration they are of, but only the last iteration
    waits for their labels: the experiment is finished when each trial of it is judged.
    A correction that comes after the gates are set changes nothing here: the gate keeps its hash, and
    shows as outdated.

    Args:
        session: the caller commits
        step_id: of the labelling
        grace_s: seconds after a person's last label before it takes effect
    """
    step = get_step(session, step_id)
    iteration = step.iteration
    experiment = iteration.experiment
    session.refresh(experiment, with_for_update=True)
    if experiment.status == "cancelled":
        return Labelling("cancelled")
    gate_trials = _last_attempts(session, [iteration.id], "gate")
    if step.status == "done":
        return Labelling("set", gate_trials=_gate_trials(session, iteration, gate_trials))
    begin(step, "waiting")
    held_out = _held_out_so_far(session, iteration)
    if experiment.operator == "simulated":
        grace_s = 0.0
        _label_by_physics(session, [*gate_trials, *held_out])
    undecided = [] if gates_of(session, iteration.id) else gate_trials
    is_last = iteration.number == experiment.iterations
    step.total = len(gate_trials) + (len(held_out) if is_last else 0)
    step.done = step.total - _unjudged(undecided) - (_unjudged(held_out) if is_last else 0)
    if again := _plan_invalid_again(session, experiment, [*undecided, *held_out]):
        return Labelling("again", again=tuple(again))
    if undecided:
        if waiting := _waiting(undecided, grace_s):
            return waiting
        _set_gates(session, experiment, iteration, undecided)
    if is_last:
        if waiting := _waiting(held_out, grace_s):
            return waiting
        experiment.status, experiment.finished_at = "finished", now()
    iteration.finished_at = now()
    finish(step)
    return Labelling("set", gate_trials=_gate_trials(session, iteration, gate_trials))


def _waiting(trials: Sequence[Trial], grace_s: float) -> Labelling | None:
    """What the trials wait for, None if for nothing: a label, or that the last one is there to stay."""
    if _unjudged(trials):
        return Labelling("waiting")
    newest = max((trial.labels[-1].created_at for trial in trials), default=None)
    if newest is None:
        return None
    left = min(grace_s, grace_s - (now() - newest).total_seconds())
    return Labelling("waiting", grace_s=left) if left > 0 else None


def _set_gates(
    session: Session, experiment: Experiment, iteration: Iteration, trials: Sequence[Trial]
) -> None:
    labels: dict[int, list[str | None]] = defaultdict(list)
    regions: dict[int, Region] = {}
    for trial in trials:
        labels[trial.region.index].append(settled_outcome(trial))
        regions[trial.region.index] = trial.region
    gates = gates_from_labels(labels, experiment.trials_per_region)
    if gates is None:
        raise LookupError(f"Iteration {iteration.number} has too few gate trials to set its gates.")
    for index, value in gates.items():
        region_id = regions[index].id
        session.add(
            Gate(
                iteration_id=iteration.id,
                region_id=region_id,
                value=value,
                label_hash=label_hash(session, iteration.id, region_id),
            )
        )
    session.flush()


def _gate_trials(session: Session, iteration: Iteration, trials: Sequence[Trial]) -> tuple[int, ...]:
    """Each region's first trial that was judged as its gate says."""
    chosen = []
    for index, value in gates_of(session, iteration.id).items():
        here = [trial for trial in trials if trial.region.index == index]
        wanted = "success" if value else "failure"
        agreeing = [trial for trial in here if settled_outcome(trial) == wanted]
        chosen.append((agreeing or here)[0].id)
    return tuple(chosen)


def _held_out_so_far(session: Session, iteration: Iteration) -> list[Trial]:
    """Held-out trials of this iteration and those before: they may be judged later than the gate trials."""
    iterations = session.scalars(
        select(Iteration.id).where(
            Iteration.experiment_id == iteration.experiment_id, Iteration.number <= iteration.number
        )
    ).all()
    return _last_attempts(session, iterations, "held_out")


def _plan_invalid_again(session: Session, experiment: Experiment, trials: Sequence[Trial]) -> list[int]:
    """Ids of the trials to be run: a next attempt of each invalid one, and what a crash left unfinished."""
    again = []
    for trial in trials:
        if trial.status in ("planned", "running"):
            again.append(trial.id)
        elif settled_outcome(trial) == "invalid":
            again.append(plan_again(session, trial, experiment.cell_id))
    return again


def _last_attempts(session: Session, iterations: Sequence[int], purpose: str) -> list[Trial]:
    rows = session.scalars(
        select(Trial)
        .join(Region, Trial.region_id == Region.id)
        .where(Trial.iteration_id.in_(iterations), Trial.purpose == purpose)
        .options(joinedload(Trial.region), joinedload(Trial.labels))
        .order_by(Trial.iteration_id, Region.index, Trial.repeat, Trial.attempt)
        .execution_options(populate_existing=True)
    ).unique()
    last = {(row.iteration_id, row.region_id, row.repeat): row for row in rows}
    return list(last.values())


def _unjudged(trials: Sequence[Trial]) -> int:
    """Number of trials on whose outcome people are not agreed yet, or which nobody has judged."""
    return sum(settled_outcome(trial) not in ("success", "failure") for trial in trials)


def _label_by_physics(session: Session, trials: Sequence[Trial]) -> None:
    """Label as the simulated operator; a refused plan did not do the task, a stopped rollout says nothing."""
    author = ensure_user(session, SIMULATED_OPERATOR, "simulated")
    session.flush()
    for trial in trials:
        if trial.status != "executed" or standing_label(trial) is not None:
            continue
        trial.labels.append(
            LabelEvent(
                author_id=author.id,
                outcome={True: "success", False: "failure", None: "invalid"}[trial.physics_success],
                request_key=f"simulated/{trial.id}/{len(trial.labels)}",
            )
        )
    session.flush()
