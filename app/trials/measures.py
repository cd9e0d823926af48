"""What the simulator's judge has measured, in words and with units."""

from collections.abc import Mapping
from typing import Final

_UNITS: Final[Mapping[str, tuple[float, str]]] = {
    "m": (1000.0, "mm"),
    "rad": (1.0, "rad"),
    "deg": (1.0, "°"),
    "s": (1.0, "s"),
}
"""By the ending of a measure's name: what it is multiplied with, and the unit that is then shown."""


def spoken_measures(measures: Mapping[str, float]) -> list[tuple[str, str]]:
    """Name and value of each measure for people: ("Path error", "8.3 mm"); lengths are told in millimetres.

    A measure without a unit is a count or a class, where -1 says that there is none.
    """
    return [_spoken(name, value) for name, value in measures.items()]


def _spoken(name: str, value: float) -> tuple[str, str]:
    base, _, ending = name.rpartition("_")
    if base and ending in _UNITS:
        factor, unit = _UNITS[ending]
        return _title(base), f"{_number(factor * value)} {unit}"
    return _title(name), "none" if value == -1 else f"{value:g}"


def _number(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 1 else f"{value:.2g}"


def _title(name: str) -> str:
    return name.replace("_", " ").capitalize()
