from pathlib import Path

import numpy as np
import pytest
import torch

from hndp_core.errors import InvalidSetting
from hndp_core.experiments.digits import DigitSettings, generate_digits
from hndp_core.experiments.digits.training import DigitTraining, train_method
from hndp_core.experiments.digits.yardsticks import class_mean_loss

SHORT = DigitTraining(epochs=2, batch=10)


@pytest.fixture(scope="module")
def digits():
    settings = DigitSettings(train=50, test=20)
    return generate_digits(settings, "train"), generate_digits(settings, "test")


def test_training_learns_more_than_the_class_means(digits):
    train, test = digits
    result = train_method("ndp", DigitTraining(epochs=60, batch=10), train, test, seed=0)
    assert result.train_loss < 0.5 * class_mean_loss(train, train)
    assert result.train_loss < result.test_loss < 30


@pytest.mark.parametrize("name", ["ndp", "cnn_dmp", "ndp_authors"])
def test_the_same_seed_gives_the_same_bits(digits, name: str):
    first, again, other = (train_method(name, SHORT, *digits, seed=seed) for seed in (0, 0, 1))
    assert first == again
    assert first != other
    assert np.isfinite(first.test_loss)


class Interrupted(Exception):
    """Stands for a process that is killed."""


def test_an_interrupted_training_goes_on_and_ends_with_the_same_bits(digits, tmp_path: Path):
    def stop(progress):
        if progress.done == 10 < progress.total:
            raise Interrupted

    longer = DigitTraining(epochs=3, batch=10)
    whole = train_method("ndp", longer, *digits, seed=0)
    with pytest.raises(Interrupted):
        train_method("ndp", longer, *digits, seed=0, folder=tmp_path, report=stop)
    assert [path.suffix for path in tmp_path.iterdir()] == [".safetensors"]
    assert train_method("ndp", longer, *digits, seed=0, folder=tmp_path) == whole
    assert [path.suffix for path in tmp_path.iterdir()] == [".json"]


def test_a_finished_training_is_read_and_other_settings_train_anew(
    digits, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    first = train_method("cnn", SHORT, *digits, seed=0, folder=tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(
            "hndp_core.experiments.digits.training.optimise", lambda *_, **__: pytest.fail("trained")
        )
        assert train_method("cnn", SHORT, *digits, seed=0, folder=tmp_path) == first
    other = train_method("cnn", DigitTraining(epochs=1, batch=10), *digits, seed=0, folder=tmp_path)
    assert other != first
    assert len(list(tmp_path.glob("*.json"))) == 2


def test_threads_are_as_before(digits):
    before = torch.get_num_threads()
    train_method("cnn", DigitTraining(epochs=1, batch=50), *digits, seed=0)
    assert torch.get_num_threads() == before


def test_settings_below_one_are_refused():
    with pytest.raises(InvalidSetting, match="epochs"):
        DigitTraining(epochs=0)
