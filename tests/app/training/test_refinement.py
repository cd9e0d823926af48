"""The whole loop with an operator who judges at once."""

from collections import Counter

import pytest
from sqlalchemy import select

from app.training.models import Gate, Iteration, Step
from app.trials.models import LabelEvent, Trial
from tests.app.training.quick_loop import has_status, start


def test_a_simulated_operator_runs_the_whole_loop(database, jobs, training, make_experiment, wait_for):
    experiment_id = make_experiment("simulated")
    start(database, jobs, experiment_id)
    wait_for(has_status(experiment_id, "finished"))
    with database.reading() as session:
        assert {step.status for step in session.scalars(select(Step))} == {"done"}
        gates = session.execute(select(Iteration.number, Gate.value).join(Iteration).order_by(Gate.id)).all()
        assert [tuple(each) for each in gates] == [(1, 1), (1, 0), (2, 1), (2, 0)]
        purposes = Counter(session.scalars(select(Trial.purpose)))
        assert purposes == {"local": 4, "gate": 4, "held_out": 2}
        labelled = session.scalars(
            select(Trial.purpose).join(LabelEvent).where(LabelEvent.author.has(role="simulated"))
        ).all()
        assert sorted(labelled) == ["gate"] * 4 + ["held_out"] * 2
        first_gates = session.scalars(
            select(Trial.id).join(Iteration).where(Trial.purpose == "gate", Iteration.number == 1)
        ).all()
    assert training.gate_trials == {1: [], 2: sorted(first_gates)}


@pytest.mark.parametrize("method", ["act", "nearest"])
def test_a_method_without_local_experts_trains_and_tries_one_policy(
    database, jobs, training, make_experiment, wait_for, method
):
    experiment_id = make_experiment("simulated", iterations=1, method=method)
    start(database, jobs, experiment_id)
    wait_for(has_status(experiment_id, "finished"))
    with database.reading() as session:
        kinds = session.scalars(select(Step.kind).order_by(Step.position)).all()
        assert kinds == ["global_training", "gate_rollouts", "held_out_rollouts", "labelling"]
        assert Counter(session.scalars(select(Trial.purpose))) == {"gate": 2, "held_out": 1}
    assert training.gate_trials == {}
