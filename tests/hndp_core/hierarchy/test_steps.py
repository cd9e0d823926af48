import pytest

from hndp_core.errors import UnknownName
from hndp_core.hierarchy import METHODS, RefinementConfig, get_method, iteration_steps
from hndp_core.hierarchy.steps import STEPS, step_seed

TRIALS = ("gate_rollouts", "held_out_rollouts", "labelling")


def steps(iteration: int = 1, **settings) -> tuple[str, ...]:
    return iteration_steps(iteration, RefinementConfig(**settings))


def test_pretraining_belongs_to_the_first_iteration_alone():
    assert steps(1) == STEPS
    assert steps(2) == STEPS[1:]


def test_steps_that_the_settings_leave_out_are_not_planned():
    found = steps(pretrain_images=0, dataset_source="gate_rollouts")
    assert found == ("local_training", "global_training", *TRIALS)


@pytest.mark.parametrize("method", METHODS)
def test_a_method_has_the_steps_of_its_record(method: str):
    record, found = get_method(method), steps(method=method, iterations=1)
    assert ("local_training" in found) == record.local_to_global
    assert ("local_rollouts" in found) == (record.local_to_global and record.new_images)
    assert {"pretraining", "global_training", *TRIALS} <= set(found)


def test_every_step_and_iteration_has_a_seed_of_its_own():
    seeds = [step_seed(0, iteration, step) for iteration in (1, 2) for step in STEPS]
    assert len(set(seeds)) == len(seeds)
    with pytest.raises(UnknownName, match="no step 'lunch'"):
        step_seed(0, 1, "lunch")
