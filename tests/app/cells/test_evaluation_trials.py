"""Evaluation trials on a grey arm: the same runner, and nothing that tells whose policy moves."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.evaluations.models import Candidate, EvaluationSession, PlannedRun
from app.platform.database import Database
from app.platform.stopping import StopSignal
from app.training.models import Policy
from app.training.outcome import DONE
from app.trials.execution import TrialRunner
from app.trials.models import Trial
from hndp_core.data.artefact_store import ArtefactStore
from hndp_core.robots.simulated import SimulatedRobot
from hndp_core.tasks import SceneVariation
from hndp_core.tasks.region import Region
from tests.app.cells.conftest import GreyArm, GreyScene


@pytest.mark.parametrize("pairing", ["paired", "independent"])
def test_the_arm_runs_both_letters_and_shows_nobody_whose_policy_it_is(
    database: Database,
    store: ArtefactStore,
    add_policy: Callable[[float], int],
    monkeypatch: pytest.MonkeyPatch,
    pairing: str,
) -> None:
    add_policy(0.1)
    arm = GreyArm(GreyScene())
    shown: list[dict[str, Any]] = []
    prepare = SimulatedRobot.prepare

    def watched(robot: SimulatedRobot, region: Region, variation: SceneVariation) -> None:
        shown.append(arm.state())
        prepare(robot, region, variation)

    monkeypatch.setattr(SimulatedRobot, "prepare", watched)
    with database.transaction() as session:
        trials = _two_letters(session, pairing)
    runner = TrialRunner(database, store, arm, StopSignal())
    assert [runner.run(trial) for trial in trials] == [DONE, DONE]
    assert [state["experiment_id"] for state in shown] == [None, None]
    assert {state["activity"] for state in shown} == {"evaluation trial in T1"}
    with database.reading() as session:
        first, second = (session.get_one(Trial, each) for each in trials)
        assert first.status == second.status == "executed"
        assert (first.sha256 == second.sha256) == (pairing == "paired"), "the same policy in the same scene"


def _two_letters(session: Session, pairing: str) -> list[int]:
    """Trials of two letters that hide equal policies, in one region and repeat."""
    policy = session.scalars(select(Policy)).one()
    region = policy.iteration.experiment.regions[0]
    twin = Policy(
        iteration_id=policy.iteration_id,
        kind="local",
        artefact_key=policy.artefact_key,
        sha256=policy.sha256,
    )
    row = EvaluationSession(
        name="Grey",
        task=policy.iteration.experiment.task,
        status="running",
        operator="human",
        pairing=pairing,
        design="fixed",
        level=0.05,
        repeats=1,
        seed=1,
        cell_id=policy.iteration.experiment.cell_id,
        created_by_id=policy.iteration.experiment.created_by_id,
    )
    session.add_all([twin, row])
    session.flush()
    trials = []
    for position, (letter, each) in enumerate(zip("AB", (policy, twin), strict=True), start=1):
        candidate = Candidate(session_id=row.id, letter=letter, policy_id=each.id)
        session.add(candidate)
        session.flush()
        run = PlannedRun(
            session_id=row.id, position=position, block=1, candidate_id=candidate.id, region_id=region.id
        )
        session.add(run)
        session.flush()
        trial = Trial(
            planned_run_id=run.id,
            region_id=region.id,
            policy_id=each.id,
            cell_id=row.cell_id,
            purpose="evaluation",
            repeat=1,
            attempt=1,
            simulated=True,
        )
        session.add(trial)
        session.flush()
        trials.append(trial.id)
    return trials
