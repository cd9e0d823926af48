from app.training.step_life import CURVE_POINTS, add_to_curve, step_kinds
from hndp_core.hierarchy import RefinementConfig


def test_pretraining_belongs_to_the_first_iteration_alone():
    config = RefinementConfig()
    assert step_kinds(1, config)[0] == "pretraining"
    assert step_kinds(2, config) == step_kinds(1, config)[1:]


def test_steps_that_the_settings_leave_out_are_not_planned():
    config = RefinementConfig(pretrain_images=0, dataset_source="gate_rollouts")
    kinds = ["local_training", "global_training", "gate_rollouts", "held_out_rollouts", "labelling"]
    assert step_kinds(1, config) == kinds


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
