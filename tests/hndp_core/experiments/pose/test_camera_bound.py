import pytest

from hndp_core.errors import InvalidSetting
from hndp_core.experiments.pose.camera_bound import nominal_camera_error_cm
from hndp_core.tasks.panda.scooping import ScoopingTask
from hndp_core.tasks.variation import SceneVariation


@pytest.mark.parametrize("shift_m", [0.0, 0.01, -0.02])
def test_a_shifted_camera_misleads_by_its_shift(shift_m: float, monkeypatch: pytest.MonkeyPatch):
    """Parallel to the table, every line of sight shifts with it."""
    shifted = SceneVariation(camera_shift_m=(0.0, shift_m, 0.0), object_shift_m=(0.003, -0.002))
    monkeypatch.setattr(ScoopingTask, "variation", lambda task, seed: shifted)
    assert nominal_camera_error_cm("scooping") == pytest.approx(100 * abs(shift_m), abs=1e-9)


def test_a_camera_that_moves_more_misleads_more():
    assert 0.0 < nominal_camera_error_cm("scooping@clean") < nominal_camera_error_cm("scooping@varied")


def test_same_seed_same_bits():
    assert nominal_camera_error_cm("pouring", 3) == nominal_camera_error_cm("pouring", 3)


def test_refuses_a_task_without_an_object_on_the_table():
    with pytest.raises(InvalidSetting, match="object on the table"):
        nominal_camera_error_cm("writing")
