"""What fails is shown at its step, and goes on from there when it is tried again."""

from collections import Counter

from sqlalchemy import select

from app.demonstrations.models import Demonstration
from app.trials.models import Trial
from tests.app.training.quick_loop import has_status, start, step_of


def test_a_failed_step_waits_for_its_retry(database, jobs, training, make_experiment, wait_for):
    training.fail_at = "global_training"
    experiment_id = make_experiment("simulated", iterations=1)
    start(database, jobs, experiment_id)
    wait_for(has_status(experiment_id, "failed"))
    with database.transaction() as session:
        failed = step_of(session, 1, "global_training")
        assert (failed.status, failed.error) == ("failed", "the loss is not finite")
        trials_before = session.scalars(select(Trial.executed_at)).all()
        jobs.retry_step(session, experiment_id, failed.id, failed.attempt)
        jobs.retry_step(session, experiment_id, failed.id, failed.attempt)
    wait_for(has_status(experiment_id, "finished"))
    with database.reading() as session:
        assert step_of(session, 1, "global_training").attempt == 2
        assert step_of(session, 1, "local_training").attempt == 1
        local = session.scalars(select(Trial.executed_at).where(Trial.purpose == "local")).all()
        assert local == trials_before


def test_what_fails_outside_of_a_step_is_shown_there_and_tried_again(
    database, jobs, training, make_experiment, wait_for
):
    experiment_id = make_experiment("simulated", iterations=1)
    with database.transaction() as session:
        demonstration = session.scalars(select(Demonstration).order_by(Demonstration.id)).first()
        demonstration.status = "recorded"
    start(database, jobs, experiment_id)
    wait_for(has_status(experiment_id, "failed"))
    with database.transaction() as session:
        failed = step_of(session, 1, "local_training")
        assert failed.status == "failed"
        assert "Region T1 has no accepted demonstration" in (failed.error or "")
        session.scalars(select(Demonstration).order_by(Demonstration.id)).first().status = "accepted"
        jobs.retry_step(session, experiment_id, failed.id, failed.attempt)
    wait_for(has_status(experiment_id, "finished"))


def test_what_fails_at_the_gates_is_tried_again_without_repeating_the_iteration(
    database, jobs, make_experiment, wait_for, monkeypatch
):
    def break_down(*_: object) -> None:
        raise RuntimeError("no gates today")

    monkeypatch.setattr("app.training.gate_setting._set_gates", break_down)
    experiment_id = make_experiment("simulated", iterations=2)
    start(database, jobs, experiment_id)
    wait_for(has_status(experiment_id, "failed"))
    monkeypatch.undo()
    with database.transaction() as session:
        failed = step_of(session, 1, "labelling")
        assert (failed.status, failed.error) == ("failed", "no gates today")
        trained = step_of(session, 1, "local_training").finished_at
        jobs.retry_step(session, experiment_id, failed.id, failed.attempt)
    wait_for(has_status(experiment_id, "finished"))
    with database.reading() as session:
        assert step_of(session, 1, "local_training").finished_at == trained
        assert Counter(session.scalars(select(Trial.purpose))) == {"local": 4, "gate": 4, "held_out": 2}
