import subprocess
import sys
from dataclasses import fields

import pytest

from hndp_core.errors import InvalidSetting, UnknownName
from hndp_core.hierarchy.config import RefinementConfig


def test_json_round_trip_keeps_every_setting():
    config = RefinementConfig(iterations=3, forcing="goal_scaled", global_learning_rate=3e-4)
    assert RefinementConfig.from_json(config.to_json()) == config


def test_equal_settings_give_equal_text():
    assert RefinementConfig(iterations=5).to_json() == RefinementConfig().to_json()


def test_an_unknown_method_lists_the_available_ones():
    with pytest.raises(UnknownName, match=r"no method 'dagger'.*hndp"):
        RefinementConfig(method="dagger")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("iterations", 0),
        ("iterations", 2.5),
        ("iterations", True),
        ("trials_per_region", -1),
        ("global_learning_rate", float("nan")),
        ("local_learning_rate", float("inf")),
        ("threads", "two"),
    ],
)
def test_a_bad_number_is_refused_by_the_name_of_its_field(name, value):
    with pytest.raises(InvalidSetting) as refusal:
        RefinementConfig(**{name: value})
    assert refusal.value.field == name


@pytest.mark.parametrize("text", ["[1]", "{", "3"])
def test_text_that_is_no_object_is_refused(text):
    with pytest.raises(InvalidSetting, match="JSON object"):
        RefinementConfig.from_json(text)


def test_a_setting_that_does_not_exist_is_refused():
    with pytest.raises(UnknownName, match="no setting 'epochs'"):
        RefinementConfig.from_json('{"epochs": 3}')


def test_every_setting_explains_itself():
    for setting in fields(RefinementConfig):
        assert setting.metadata["help"].endswith(".")
        assert setting.metadata["choices"] or setting.metadata["low"] < setting.metadata["high"]


def test_settings_gates_and_seeds_load_neither_torch_nor_mujoco():
    script = (
        "import sys, hndp_core.hierarchy, hndp_core.evaluation.success_rate;"
        "sys.exit(any(name in sys.modules for name in ('torch', 'mujoco')))"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
