import pytest

from hndp_core.errors import InvalidSetting
from hndp_core.motion import DmpConfig


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("dof", 0),
        ("basis", 0),
        ("basis", 349),
        ("rollout_length", 2),
        ("attractor_gain", 0.0),
        ("attractor_gain", float("nan")),
        ("phase_decay", -1.0),
        ("phase_decay", 350.0),
        ("forcing", "scaled"),
        ("basis_layout", "authors"),
    ],
)
def test_refuses_a_value_out_of_range_and_names_it(field: str, value: object) -> None:
    with pytest.raises(InvalidSetting, match=f"{field} = .* is not usable: .+") as refused:
        DmpConfig(**{field: value})  # pyright: ignore[reportArgumentType]
    assert refused.value.field == field


def test_refuses_a_gain_with_which_explicit_euler_diverges() -> None:
    with pytest.raises(InvalidSetting, match="use a gain below 1400 or a longer rollout_length"):
        DmpConfig(attractor_gain=1400.0)
    assert DmpConfig(attractor_gain=1399.0).dt == pytest.approx(1 / 350)
