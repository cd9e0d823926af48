from datetime import timedelta

from app.platform.model import now
from app.training.models import Step
from app.training.step_life import (
    CURVE_POINTS,
    add_to_curve,
    begin,
    fail,
    finish,
    hold,
    open_iteration,
    reopen,
)


def test_a_curve_stays_short_and_keeps_first_and_last_point():
    curve = []
    for step in range(1, 5001):
        curve = add_to_curve(curve, {"at": step, "loss": 1.0 / step})
    assert len(curve) <= CURVE_POINTS
    assert curve[0]["at"] == 1
    assert curve[-1]["at"] == 5000


def test_a_resumed_training_overwrites_what_the_crash_undid():
    curve = [{"at": at, "loss": 1.0} for at in (10, 20, 30, 40)]
    assert [each["at"] for each in add_to_curve(curve, {"at": 30, "loss": 0.5})] == [10, 20, 30]


def worked_s(step: Step) -> float:
    assert step.started_at is not None
    assert step.finished_at is not None
    return (step.finished_at - step.started_at).total_seconds()


def test_the_time_of_a_step_leaves_out_its_pause(database, make_experiment):
    experiment_id = make_experiment()
    with database.transaction() as session:
        step_id = open_iteration(session, experiment_id, 1)["local_training"]
        step = session.get_one(Step, step_id)
        begin(step)
        step.started_at = now() - timedelta(hours=2, seconds=30)
        hold(session, step_id)
        assert (step.status, step.finished_at) == ("pending", None)
        step.held_at = now() - timedelta(hours=2)
        begin(step)
        finish(step)
        assert 29 < worked_s(step) < 40


def test_a_crash_does_not_begin_a_step_anew(database, make_experiment):
    experiment_id = make_experiment()
    with database.transaction() as session:
        step = session.get_one(Step, open_iteration(session, experiment_id, 1)["local_training"])
        begin(step)
        began = step.started_at
        begin(step)
        assert step.started_at == began


def test_a_retry_times_a_training_anew_and_rollouts_without_the_wait(database, make_experiment):
    experiment_id = make_experiment()
    with database.transaction() as session:
        steps = open_iteration(session, experiment_id, 1)
        for kind in ("local_training", "local_rollouts"):
            step = session.get_one(Step, steps[kind])
            begin(step)
            step.started_at = now() - timedelta(hours=2, seconds=30)
            fail(session, step.id, "out of almonds", "")
            step.finished_at = now() - timedelta(hours=2)
            reopen(session, step.id, attempt=2)
            begin(step)
            finish(step)
        assert worked_s(session.get_one(Step, steps["local_training"])) < 10
        assert 29 < worked_s(session.get_one(Step, steps["local_rollouts"])) < 40
