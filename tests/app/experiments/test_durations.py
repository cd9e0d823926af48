import pytest

from app.experiments.durations import spoken, spoken_roughly


@pytest.mark.parametrize(
    ("seconds", "says"),
    [
        (-3, "0 s"),
        (0, "0 s"),
        (8.4, "8 s"),
        (59.6, "1 min"),
        (200, "3 min 20 s"),
        (605, "10 min"),
        (3600, "1 h"),
        (7500, "2 h 5 min"),
    ],
)
def test_two_largest_units(seconds: float, says: str) -> None:
    assert spoken(seconds) == says


@pytest.mark.parametrize(
    ("seconds", "says"), [(1, "5 s"), (43, "45 s"), (157, "2 min 40 s"), (1234, "21 min"), (59, "1 min")]
)
def test_forecast_is_no_finer_than_it_is_certain(seconds: float, says: str) -> None:
    assert spoken_roughly(seconds) == says
