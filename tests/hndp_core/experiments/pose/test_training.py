from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hndp_core.errors import InvalidSetting
from hndp_core.experiments.pose.training import PoseTraining, choose_learning_rate, train_end

from .square_scenes import square_scenes

SHORT = PoseTraining(steps=3, tuning_steps=2, learning_rates=(1e-3, 3e-3))


@pytest.fixture(scope="module")
def scenes():
    return square_scenes(60, 0, label_error_m=0.003), square_scenes(20, 1)


def test_training_finds_the_object(scenes):
    train, test = scenes
    guess_cm = 100 * np.linalg.norm(test.exact_m - train.exact_m.mean(axis=0), axis=1).mean()
    result = train_end("softmax_points", PoseTraining(steps=60), 1e-2, train, test, seed=0)
    assert result.test_error_cm < 0.5 * guess_cm


def test_the_same_seed_gives_the_same_bits(scenes):
    first, again, other = (train_end("fc", SHORT, 1e-3, *scenes, seed=seed) for seed in (0, 0, 1))
    assert first == again
    assert first != other


def test_errors_are_against_exact_positions(scenes):
    train, test = scenes
    moved = replace(test, approximate_m=test.approximate_m + 1.0)
    first, again = (train_end("fc", SHORT, 1e-3, train, each, seed=0) for each in (test, moved))
    assert first == again
    away = replace(test, exact_m=test.exact_m + 1.0)
    assert train_end("fc", SHORT, 1e-3, train, away, seed=0).test_error_cm > 100


def test_the_useless_learning_rate_is_not_chosen_and_exact_positions_have_no_say(scenes):
    train, _ = scenes
    training = PoseTraining(steps=1, tuning_steps=10, learning_rates=(1e-7, 3e-3))
    assert choose_learning_rate("fc", training, train) == 3e-3
    blind = replace(train, exact_m=np.full_like(train.exact_m, np.nan))
    assert choose_learning_rate("fc", training, blind) == 3e-3


def test_finished_trainings_are_read_and_other_settings_train_anew(
    scenes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    train, test = scenes
    rate = choose_learning_rate("fc", SHORT, train, folder=tmp_path)
    first = train_end("fc", SHORT, rate, train, test, seed=0, folder=tmp_path)
    monkeypatch.setattr(
        "hndp_core.experiments.pose.training.optimise", lambda *_, **__: pytest.fail("trained")
    )
    assert choose_learning_rate("fc", SHORT, train, folder=tmp_path) == rate
    assert train_end("fc", SHORT, rate, train, test, seed=0, folder=tmp_path) == first
    for changed in ({"seed": 1}, {"training": replace(SHORT, steps=4)}, {"learning_rate": 1e-4}):
        arguments = {"training": SHORT, "learning_rate": rate, "seed": 0, **changed}
        with pytest.raises(pytest.fail.Exception, match="trained"):
            train_end("fc", train=train, test=test, folder=tmp_path, **arguments)


@pytest.mark.parametrize("field", ["steps", "tuning_steps", "threads"])
def test_refuses_numbers_below_one(field: str):
    with pytest.raises(InvalidSetting, match=field):
        replace(SHORT, **{field: 0})


def test_refuses_to_choose_among_no_learning_rates():
    with pytest.raises(InvalidSetting, match="learning_rates"):
        PoseTraining(learning_rates=())
