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
from app.training.models import Gate, Iteration
from app.training.repository import gates_of, get_step
from app.training.step_life import begin, finish
from app.trials.models import LabelEvent, Trial
from app.trials.planning import plan_again
from hndp_core.hierarchy import LabelEvent as CoreLabelEvent
from hndp_core.hierarchy import gates_from_labels, snapshot_hash


@dataclass(frozen=True)
class Labelling:
    """Where the labelling of an iteration stands.

    Attributes:
        state: "waiting" for people, "again" (invalid trials must be run again first), "set" or "cancelled"
        again: ids of trials to run
        gate_trials: when set, for each train region the trial whose observation and plan the gate stands
            for; a later correction of a label does not change them
    """

    state: str
    again: tuple[int, ...] = ()
    gate_trials: tuple[int, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def settle_labels(session: Session, step_id: int) -> Labelling:
    """Look at all labels of the step's iteration; plan invalid trials again, or set the gates.

    A correction that comes after the gates are set changes nothing here: the gate keeps its hash, and
    shows as outdated.
    """
    step = get_step(session, step_id)
    iteration = step.iteration
    experiment = iteration.experiment
    if experiment.status == "cancelled":
        return Labelling("cancelled")
    if step.status == "done":
        trials = _last_attempts(session, [iteration.id], "gate")
        return Labelling("set", gate_trials=_gate_trials(session, iteration, trials))
    begin(step, "waiting")
    if experiment.operator == "simulated":
        _label_by_physics(session, iteration)
    trials = _last_attempts(session, [iteration.id], "gate")
    again = _plan_invalid_again(session, experiment, [*trials, *_held_out_so_far(session, iteration)])
    judged = [_current_label(trial) in ("success", "failure") for trial in trials]
    step.total, step.done = len(judged), sum(judged)
    if again:
        return Labelling("again", again=tuple(again))
    if not _set_gates(session, experiment, iteration, trials):
        return Labelling("waiting")
    iteration.finished_at = now()
    finish(step)
    return Labelling("set", gate_trials=_gate_trials(session, iteration, trials))


def label_hash(session: Session, iteration_id: int, region_id: int) -> str:
    """Hash of the label events of a region's gate trials as they are now; a gate with another is outdated."""
    events = session.scalars(
        select(LabelEvent)
        .join(Trial)
        .where(Trial.iteration_id == iteration_id, Trial.region_id == region_id, Trial.purpose == "gate")
        .order_by(LabelEvent.id)
    )
    return snapshot_hash(
        [CoreLabelEvent(each.id, str(each.trial_id), str(each.author_id), each.outcome) for each in events]
    )


def _set_gates(
    session: Session, experiment: Experiment, iteration: Iteration, trials: Sequence[Trial]
) -> bool:
    labels: dict[int, list[str | None]] = defaultdict(list)
    regions: dict[int, Region] = {}
    for trial in trials:
        labels[trial.region.index].append(_current_label(trial))
        regions[trial.region.index] = trial.region
    gates = gates_from_labels(labels, experiment.trials_per_region)
    if gates is None:
        return False
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
    return True


def _gate_trials(session: Session, iteration: Iteration, trials: Sequence[Trial]) -> tuple[int, ...]:
    """Each region's first trial that was judged as its gate says."""
    chosen = []
    for index, value in gates_of(session, iteration.id).items():
        here = [trial for trial in trials if trial.region.index == index]
        wanted = "success" if value else "failure"
        agreeing = [trial for trial in here if _current_label(trial) == wanted]
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
        elif _current_label(trial) == "invalid":
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


def _current_label(trial: Trial) -> str | None:
    if not trial.labels or trial.labels[-1].outcome == "withdrawn":
        return None
    return trial.labels[-1].outcome


def _label_by_physics(session: Session, iteration: Iteration) -> None:
    """Label as the simulated operator; a refused plan did not do the task, a stopped rollout says nothing."""
    author = ensure_user(session, SIMULATED_OPERATOR, "simulated")
    session.flush()
    for purpose in ("gate", "held_out"):
        for trial in _last_attempts(session, [iteration.id], purpose):
            if trial.status != "executed" or _current_label(trial) is not None:
                continue
            outcome = {True: "success", False: "failure", None: "invalid"}[trial.physics_success]
            session.add(
                LabelEvent(
                    trial_id=trial.id,
                    author_id=author.id,
                    outcome=outcome,
                    request_key=f"simulated/{trial.id}/{len(trial.labels)}",
                )
            )
    session.flush()
