"""What an evaluation session does next. The caller commits."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy.orm import Session

from app.accounts.service import SIMULATED_OPERATOR, ensure_user
from app.evaluations.models import EvaluationSession, PlannedRun
from app.evaluations.repository import EvaluationRepository
from app.platform.model import now
from app.trials.judgement import standing_label
from app.trials.models import LabelEvent, Trial
from app.trials.planning import is_drawn

CLOSED: Final = "closed"
RUN: Final = "run"
WAIT: Final = "wait"

MOST_ATTEMPTS: Final = 5
"""Times that one trial may be invalid before the session pauses: then the cell needs a person."""


def next_turn(session: Session, session_id: int, label_grace_s: float) -> dict[str, Any]:
    """Decide what comes next, and plan its trials.

    Invalid trials are run again before the next block begins; a label that is still to come holds up nothing.

    Returns:
        "state": "closed", "run" or "wait"; with "run" the cell's queue and the trials; with "wait" the
        seconds after which an invalid label is there to stay, 0 if there is none
    """
    evaluations = EvaluationRepository(session)
    row = evaluations.locked(session_id)
    if row.status == "closed":
        return {"state": CLOSED}
    if row.status != "running":
        return {"state": WAIT, "grace_s": 0.0}
    runs = evaluations.runs(session_id)
    if row.operator == "simulated":
        label_grace_s = 0.0
        _label_by_physics(session, runs)
    begun = [run for run in runs if run.trials]
    owed = [run.trials[-1].id for run in begun if run.trials[-1].status in ("planned", "running")]
    again, grace_s = _plan_invalid_again(session, row, begun, label_grace_s)
    if row.status != "running":
        return {"state": WAIT, "grace_s": 0.0}
    trials = owed + again or _plan_block(session, row, [run for run in runs if not run.trials])
    if trials:
        return {"state": RUN, "cell_queue": row.cell.queue_name, "trials": trials}
    return {"state": WAIT, "grace_s": grace_s}


def drawn_for_second_rating(row: EvaluationSession, position: int) -> bool:
    """Whether a second person judges all attempts of a planned run, too: by its place in the order, which
    tells nothing of the policy. The simulated operator needs none.
    """
    return row.operator == "human" and is_drawn(row.second_rater_share, row.seed, position)


def _plan_invalid_again(
    session: Session, row: EvaluationSession, begun: Sequence[PlannedRun], label_grace_s: float
) -> tuple[list[int], float]:
    """Plan the next attempt of each invalid trial; also say for how long others can still be taken back."""
    again, left = [], []
    for run in begun:
        last = run.trials[-1]
        label = standing_label(last) if last.status == "executed" else None
        if label is None or label.outcome != "invalid":
            continue
        grace_s = label_grace_s - (now() - label.created_at).total_seconds()
        if grace_s > 0:
            left.append(grace_s)
        elif last.attempt >= MOST_ATTEMPTS:
            row.status = "paused"
            row.fault = (
                f"The trial in {run.region.name} was invalid {MOST_ATTEMPTS} times in a row. Look after the "
                "cell; then judge its last attempt otherwise, or close the session."
            )
        else:
            again.append(_plan(session, row, run, last.attempt + 1))
    return again, min(left, default=0.0)


def _plan_block(session: Session, row: EvaluationSession, unbegun: Sequence[PlannedRun]) -> list[int]:
    """Plan the trials of the next block in its order, so that their ids tell the order and nothing else."""
    if not unbegun:
        return []
    block = unbegun[0].block
    return [_plan(session, row, run, 1) for run in unbegun if run.block == block]


def _plan(session: Session, row: EvaluationSession, run: PlannedRun, attempt: int) -> int:
    trial = Trial(
        planned_run_id=run.id,
        region_id=run.region_id,
        policy_id=run.candidate.policy_id,
        cell_id=row.cell_id,
        purpose="evaluation",
        repeat=run.block,
        attempt=attempt,
        simulated=row.cell.is_simulated,
        second_rated=drawn_for_second_rating(row, run.position),
    )
    session.add(trial)
    session.flush()
    return trial.id


def _label_by_physics(session: Session, runs: Sequence[PlannedRun]) -> None:
    """Label as the simulated operator; a stopped rollout says nothing."""
    author = ensure_user(session, SIMULATED_OPERATOR, "simulated")
    session.flush()
    for trial in (run.trials[-1] for run in runs if run.trials):
        if trial.status == "executed" and standing_label(trial) is None:
            outcome = {True: "success", False: "failure", None: "invalid"}[trial.physics_success]
            key = f"simulated/{trial.id}/{len(trial.labels)}"
            trial.labels.append(LabelEvent(author_id=author.id, outcome=outcome, request_key=key))
    session.flush()
