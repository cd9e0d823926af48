"""The loop with people: it waits for their labels, and lets them be changed until the gates are set."""

import pytest
from sqlalchemy import func, select

from app.experiments.models import Experiment
from app.platform.model import now
from app.training.label_snapshot import label_hash
from app.training.models import Gate
from app.training.repository import experiment_status
from app.trials.models import Trial
from tests.app.training.quick_loop import has_status, has_trial, start, step_is, step_of, trials


def test_the_iteration_waits_for_people_and_unlabelled_is_not_failure(
    database, jobs, make_experiment, wait_for, label, judge
):
    experiment_id = make_experiment(iterations=1)
    start(database, jobs, experiment_id)
    wait_for(step_is(1, "labelling", "waiting"))
    with database.transaction() as session:
        first, second = session.scalars(select(Trial).where(Trial.purpose == "gate").order_by(Trial.id))
        jobs.label_arrived(session, experiment_id, label(session, first, "failure"))
    wait_for(lambda session: step_of(session, 1, "labelling").done == 1)
    judge(experiment_id, "held_out", "success")
    with database.transaction() as session:
        assert session.scalars(select(Gate)).all() == []
        key = label(session, second, "success")
        jobs.label_arrived(session, experiment_id, key)
        jobs.label_arrived(session, experiment_id, key)
    wait_for(has_status(experiment_id, "finished"))
    with database.reading() as session:
        assert session.scalars(select(Gate.value).order_by(Gate.id)).all() == [0, 1]


def test_an_invalid_trial_is_run_again_and_not_counted(
    database, jobs, make_experiment, wait_for, label, judge
):
    experiment_id = make_experiment(iterations=1)
    start(database, jobs, experiment_id)
    wait_for(step_is(1, "labelling", "waiting"))
    judge(experiment_id, "held_out", "success")
    with database.transaction() as session:
        first, second = session.scalars(select(Trial).where(Trial.purpose == "gate").order_by(Trial.id))
        label(session, second, "success")
        jobs.label_arrived(session, experiment_id, label(session, first, "invalid"))
    again = select(Trial).where(Trial.attempt == 2, Trial.status == "executed")
    wait_for(lambda session: session.scalar(again) is not None)
    with database.transaction() as session:
        repeated = session.scalars(again).one()
        assert repeated.region_id == first.region_id
        assert session.scalars(select(Gate)).all() == []
        jobs.label_arrived(session, experiment_id, label(session, repeated, "success"))
    wait_for(has_status(experiment_id, "finished"))
    with database.reading() as session:
        assert session.scalars(select(Gate.value)).all() == [1, 1]
        assert session.scalars(select(func.count(Trial.id)).where(Trial.purpose == "gate")).one() == 3


def test_held_out_labels_hold_up_no_iteration_but_the_end(database, jobs, make_experiment, wait_for, judge):
    experiment_id = make_experiment(iterations=2)
    start(database, jobs, experiment_id)
    for iteration in (1, 2):
        wait_for(step_is(iteration, "labelling", "waiting"))
        judge(experiment_id, "gate", "success", iteration)
    wait_for(lambda session: session.scalars(select(func.count(Gate.id))).one() == 4)
    with database.reading() as session:
        step = step_of(session, 2, "labelling")
        assert (step.status, step.done, step.total) == ("waiting", 2, 4)
        assert experiment_status(session, experiment_id) == "running"
    judge(experiment_id, "held_out", "failure", iteration=1)
    wait_for(lambda session: step_of(session, 2, "labelling").done == 3)
    judge(experiment_id, "held_out", "success", iteration=2)
    wait_for(has_status(experiment_id, "finished"))
    with database.reading() as session:
        assert session.get_one(Experiment, experiment_id).finished_at is not None
        assert step_of(session, 2, "labelling").status == "done"


def test_an_invalid_held_out_trial_is_run_again_by_the_policy_of_its_iteration(
    database, jobs, make_experiment, wait_for, judge
):
    experiment_id = make_experiment(iterations=2)
    start(database, jobs, experiment_id)
    wait_for(step_is(1, "labelling", "waiting"))
    judge(experiment_id, "held_out", "invalid")
    wait_for(has_trial("held_out", iteration=1, attempt=2))  # while people label
    judge(experiment_id, "gate", "success")
    wait_for(lambda session: step_of(session, 1, "labelling").status == "done")
    judge(experiment_id, "held_out", "invalid", attempt=2)
    wait_for(has_trial("held_out", iteration=1, attempt=3))  # in the next labelling
    judge(experiment_id, "gate", "success", iteration=2)
    wait_for(lambda session: session.scalars(select(func.count(Gate.id))).one() == 4)
    judge(experiment_id, "held_out", "invalid", attempt=3)
    wait_for(has_trial("held_out", iteration=1, attempt=4))  # after the last gates
    judge(experiment_id, "held_out", "success", iteration=2)
    with database.reading() as session:
        assert experiment_status(session, experiment_id) == "running"
    judge(experiment_id, "held_out", "success", attempt=4)
    wait_for(has_status(experiment_id, "finished"))
    with database.reading() as session:
        runs = [trials(session, "held_out", 1, attempt)[0] for attempt in (1, 2, 3, 4)]
        assert {run.policy_id for run in runs} == {trials(session, "gate", 1)[0].policy_id}
        assert {run.policy_id for run in runs} != {trials(session, "gate", 2)[0].policy_id}


@pytest.mark.parametrize("label_grace_s", [1.5])
def test_the_last_label_can_be_taken_back_before_it_sets_the_gates(
    database, jobs, make_experiment, wait_for, label, judge, label_grace_s
):
    experiment_id = make_experiment(iterations=1)
    start(database, jobs, experiment_id)
    wait_for(step_is(1, "labelling", "waiting"))
    judge(experiment_id, "held_out", "success")
    judge(experiment_id, "gate", "success")
    wait_for(lambda session: step_of(session, 1, "labelling").done == 3)
    with database.transaction() as session:
        assert session.scalars(select(Gate)).all() == []
        second = trials(session, "gate")[1]
        jobs.label_arrived(session, experiment_id, label(session, second, "withdrawn"))
    wait_for(lambda session: step_of(session, 1, "labelling").done == 2)
    with database.transaction() as session:
        second = trials(session, "gate")[1]
        labelled_at = now()
        jobs.label_arrived(session, experiment_id, label(session, second, "failure"))
    wait_for(has_status(experiment_id, "finished"))
    with database.reading() as session:
        gates = session.scalars(select(Gate).order_by(Gate.id)).all()
        assert [gate.value for gate in gates] == [1, 0]
        assert (gates[0].created_at - labelled_at).total_seconds() >= label_grace_s


def test_a_correction_after_the_gate_changes_nothing_but_shows(
    database, jobs, make_experiment, wait_for, label
):
    experiment_id = make_experiment("simulated", iterations=1)
    start(database, jobs, experiment_id)
    wait_for(has_status(experiment_id, "finished"))
    with database.transaction() as session:
        gate = session.scalars(select(Gate).where(Gate.value == 1)).one()
        assert label_hash(session, gate.iteration_id, gate.region_id) == gate.label_hash
        trial = session.scalars(
            select(Trial).where(Trial.region_id == gate.region_id, Trial.purpose == "gate")
        ).one()
        jobs.label_arrived(session, experiment_id, label(session, trial, "failure"))
    with database.reading() as session:
        later = session.get_one(Gate, gate.id)
        assert later.value == 1
        assert label_hash(session, later.iteration_id, later.region_id) != later.label_hash
