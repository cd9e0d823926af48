import pytest

from hndp_core.errors import InvalidSetting
from hndp_core.experiments.pose.nominal_camera import nominal_camera_error_cm
from hndp_core.experiments.pose.pose_set import PoseSettings
from hndp_core.tasks.panda.scooping import ScoopingTask
from hndp_core.tasks.variation import SceneVariation


@pytest.mark.parametrize("shift_m", [0.0, 0.01, -0.02])
def test_a_shifted_camera_misleads_by_its_shift(shift_m: float, monkeypatch: pytest.MonkeyPatch):
    """Parallel to the table, every line of sight shifts with it."""
    shifted = SceneVariation(camera_shift_m=(0.0, shift_m, 0.0))
    monkeypatch.setattr(ScoopingTask, "variation", lambda task, seed: shifted)
    error_cm = nominal_camera_error_cm(PoseSettings("scooping", test=5))
    assert error_cm == pytest.approx(100 * abs(shift_m), abs=1e-9)


def test_a_camera_that_moves_more_misleads_more():
    clean, varied = (
        nominal_camera_error_cm(PoseSettings(f"scooping@{level}", test=30)) for level in ("clean", "varied")
    )
    assert 0.0 < clean < varied


def test_refuses_a_task_without_an_object_on_the_table():
    with pytest.raises(InvalidSetting, match="object on the table"):
        nominal_camera_error_cm(PoseSettings("writing"))
