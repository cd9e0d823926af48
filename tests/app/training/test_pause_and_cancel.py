"""A refinement that is held, ended, or over."""

import pytest
from dbos import DBOS
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.platform.durable import REFINEMENT, TRAINING
from app.training.models import Gate, Iteration
from app.training.repository import experiment_status, get_step
from app.training.step_life import begin, open_iteration
from tests.app.training.quick_loop import change_status, has_status, start, step_is, step_of


def test_pause_holds_before_the_next_step_and_resume_goes_on(
    database, jobs, training, make_experiment, wait_for
):
    training.hold.clear()
    experiment_id = make_experiment("simulated", iterations=1)
    start(database, jobs, experiment_id)
    wait_for(lambda session: session.scalar(select(Iteration)) is not None)
    change_status(database, jobs, experiment_id, "paused")
    training.hold.set()
    wait_for(lambda session: _pending_jobs(session) == 0)
    with database.reading() as session:
        assert step_of(session, 1, "local_training").status == "pending"
    change_status(database, jobs, experiment_id, "running")
    wait_for(has_status(experiment_id, "finished"))


def test_cancel_ends_a_refinement_that_waits_for_labels(database, jobs, make_experiment, wait_for):
    experiment_id = make_experiment(iterations=1)
    start(database, jobs, experiment_id)
    wait_for(step_is(1, "labelling", "waiting"))
    change_status(database, jobs, experiment_id, "cancelled")
    wait_for(step_is(1, "labelling", "cancelled"))
    with database.reading() as session:
        assert experiment_status(session, experiment_id) == "cancelled"
        assert session.scalars(select(Gate)).all() == []


@pytest.mark.parametrize("end", ["finished", "cancelled"])
def test_news_for_a_refinement_that_is_over_is_stored_and_harms_nobody(
    database, jobs, make_experiment, wait_for, judge, end
):
    experiment_id = make_experiment("simulated", iterations=1)
    start(database, jobs, experiment_id)
    if end == "cancelled":
        change_status(database, jobs, experiment_id, end)
    wait_for(has_status(experiment_id, end))
    wait_for(lambda session: DBOS.list_workflows(name=REFINEMENT, status="SUCCESS") != [])
    judge(experiment_id, "gate", "failure")
    change_status(database, jobs, experiment_id, end)


def test_news_for_a_refinement_that_nobody_knows_keeps_the_rows_beside_it(
    database, jobs, make_experiment, label
):
    experiment_id = make_experiment()
    with database.transaction() as session:
        steps = open_iteration(session, experiment_id, 1)
        begin(get_step(session, steps["labelling"]))
        jobs.label_arrived(session, experiment_id, "some key")
    with database.reading() as session:
        assert step_of(session, 1, "labelling").status == "running"


def _pending_jobs(session: Session) -> int:
    """Training jobs that are queued or running."""
    unfinished = DBOS.list_workflows(name=TRAINING, status=["ENQUEUED", "PENDING"], load_input=False)
    started = DBOS.list_workflows(name=TRAINING, load_input=False)
    return len(unfinished) if started else -1
