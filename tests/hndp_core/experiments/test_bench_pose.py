import pytest

from hndp_core.experiments.bench import pose
from hndp_core.experiments.pose.ends import ENDS
from hndp_core.experiments.pose.training import PoseResult, PoseTraining

ERRORS_CM = {"softmax_points": 0.5, "softmax_fc": 0.8, "fc": 2.0, "max_pool_fc": 0.7}


@pytest.fixture(autouse=True)
def measured_ends(monkeypatch: pytest.MonkeyPatch):
    """Trainings that end at once; the error grows by 0.1 cm a seed."""

    def train_end(end, training, rate, train, test, *, seed, folder, report):
        assert (train, test, rate) == ("train images", "test images", 3e-3)
        return PoseResult(0.1, ERRORS_CM[end] + 0.1 * seed, 0.2)

    monkeypatch.setattr(pose, "render_poses", lambda settings, split, folder: f"{split} images")
    monkeypatch.setattr(pose, "choose_learning_rate", lambda *_, **__: 3e-3)
    monkeypatch.setattr(pose, "train_end", train_end)
    monkeypatch.setattr(pose, "nominal_camera_error_cm", lambda settings: len(settings.task))


def test_figures_are_means_over_the_seeds():
    figures = pose.measure(seeds=(0, 1, 2), training=PoseTraining(steps=1)).figures
    for end in ENDS:
        assert figures[f"{end}_error_cm"] == pytest.approx(ERRORS_CM[end] + 0.1)
        assert figures[f"{end}_error_deviation_cm"] == pytest.approx(0.1 * (2 / 3) ** 0.5)
        assert figures[f"{end}_learning_rate"] == 3e-3
    assert figures["softmax_points_margin_cm"] == pytest.approx(0.2)


def test_the_scenes_of_another_task_are_told_beside_under_names_of_their_own():
    figures = pose.measure(seeds=(0,)).figures
    for end in ENDS:
        assert figures[f"scooping_{end}_error_cm"] == figures[f"{end}_error_cm"]
    assert figures["nominal_camera_error_cm"] == len("pouring")
    assert figures["scooping_nominal_camera_error_cm"] == len("scooping")


def test_the_target_is_missed_where_another_end_is_better(monkeypatch: pytest.MonkeyPatch):
    assert pose.measure(seeds=(0,)).met
    monkeypatch.setitem(ERRORS_CM, "fc", 0.4)
    record = pose.measure(seeds=(0,))
    assert record.figures["softmax_points_margin_cm"] == pytest.approx(-0.1)
    for task in ("", "scooping_"):
        assert not record.reached(f"{task}softmax_points_margin_cm")
        assert record.reached(f"{task}softmax_points_error_cm")
