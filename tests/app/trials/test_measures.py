import pytest

from app.trials.measures import spoken_measures


@pytest.mark.parametrize(
    ("name", "value", "title", "spoken"),
    [
        ("path_error_m", 0.01234, "Path error", "12.3 mm"),
        ("path_error_m", 0.00012, "Path error", "0.12 mm"),
        ("ink_length_m", 0.4213, "Ink length", "421 mm"),
        ("tilt_rad", 2.2, "Tilt", "2.2 rad"),
        ("almonds_in_target", 21.0, "Almonds in target", "21"),
        ("digit_recognised", 7.0, "Digit recognised", "7"),
        ("digit_recognised", -1.0, "Digit recognised", "none"),
        ("m", 3.0, "M", "3"),
    ],
)
def test_a_measure_is_told_in_words_and_with_its_unit(
    name: str, value: float, title: str, spoken: str
) -> None:
    assert spoken_measures({name: value}) == [(title, spoken)]
