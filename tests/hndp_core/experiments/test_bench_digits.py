from pathlib import Path

import pytest

from hndp_core.experiments.bench import digits
from hndp_core.experiments.digits import DigitSettings
from hndp_core.experiments.digits.methods import METHODS
from hndp_core.experiments.digits.training import DigitTraining


def test_figures_of_every_method_and_yardstick(tmp_path: Path):
    finished: list[tuple[str, int]] = []
    record = digits.measure(
        tmp_path,
        seeds=(0, 1),
        settings=DigitSettings(train=20, test=10),
        training=DigitTraining(epochs=1, batch=10),
        rounds=1,
        report=lambda method, seed, progress: finished.append((method, seed)),
    )
    assert finished == [(method, seed) for method in METHODS for seed in (0, 1)]
    assert len(list(tmp_path.glob("*.json"))) == 2 * len(METHODS)
    figures = record.figures
    assert figures["test_loss_ratio_to_authors"] == pytest.approx(
        figures["ndp_test_loss"] / figures["ndp_authors_test_loss"]
    )
    assert figures["test_loss_ratio_to_points_cnn"] == pytest.approx(
        figures["ndp_test_loss"] / figures["cnn_test_loss"]
    )
    assert figures["least_squares_bound_30"] < figures["least_squares_bound_10"] < figures["class_mean_loss"]
    assert set(record.targets) <= set(figures)
