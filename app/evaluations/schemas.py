"""What comes in when sessions are planned."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from app.evaluations.models import CURVES, DESIGNS, OPERATORS, PAIRINGS
from app.platform.errors import InvalidInputs
from hndp_core.evaluation.order import MOST_POLICIES

MOST_REPEATS: Final = 200

DEFAULTS: Final[Mapping[str, str]] = {
    "name": "",
    "repeats": "8",
    "level": "0.05",
    "pairing": "paired",
    "design": "fixed",
    "operator": "human",
    "second_rater_percent": "0",
    "curves": "hidden",
    "cell": "",
}


_CHOICES: Final = {"pairing": PAIRINGS, "design": DESIGNS, "operator": OPERATORS, "curves": CURVES}


class InvalidPlan(InvalidInputs):
    """What is wrong with a plan, by the name of the input."""


@dataclass(frozen=True)
class NewSession:
    """A plan whose values are in range; whether its policies and regions exist only the database knows."""

    name: str
    layout: int
    policies: Sequence[int]
    regions: Sequence[int]
    repeats: int
    level: float
    pairing: str
    design: str
    operator: str
    second_rater_share: float
    curves: str
    cell: str


def read_plan(form: Mapping[str, str], policies: Sequence[str], regions: Sequence[str]) -> NewSession:
    """Check all that can be checked without the database.

    Raises:
        InvalidPlan: all problems at once.
    """
    errors: dict[str, str] = {}
    name = " ".join(form.get("name", "").split())
    if not 1 <= len(name) <= 80 or not name.isprintable():
        errors["name"] = "Give it a name of 1 to 80 characters, so that you find it again."
    chosen, places = _numbers(policies), _numbers(regions)
    if not 2 <= len(chosen) <= MOST_POLICIES:
        errors["policies"] = f"Choose 2 to {MOST_POLICIES} policies to compare."
    if not places:
        errors["regions"] = "Choose at least one region."
    repeats, level = _number(form.get("repeats", "")), _number(form.get("level", ""))
    if repeats is None or not 1 <= repeats <= MOST_REPEATS or repeats != int(repeats):
        errors["repeats"] = f"Choose a whole number between 1 and {MOST_REPEATS}."
    if level is None or not 0.001 <= level <= 0.2:
        errors["level"] = "Choose between 0.001 and 0.2; 0.05 is usual."
    percent = _number(form.get("second_rater_percent", "").strip() or "0")
    if percent is None or not 0 <= percent <= 100 or percent != int(percent):
        errors["second_rater_percent"] = "Choose a whole number between 0 and 100."
    for field, choices in _CHOICES.items():
        if form.get(field) not in choices:
            errors[field] = f"Choose one of {', '.join(choices)}."
    layout = _numbers([form.get("layout", "")])
    if not layout:
        errors["layout"] = "Choose whose regions the policies are tried in."
    if errors or repeats is None or level is None or percent is None:
        raise InvalidPlan(errors)
    return NewSession(
        name,
        layout[0],
        chosen,
        places,
        int(repeats),
        level,
        form["pairing"],
        form["design"],
        form["operator"],
        percent / 100,
        form["curves"],
        form.get("cell", ""),
    )


def _numbers(texts: Sequence[str]) -> list[int]:
    """Distinct row numbers in the order given; what is none is left out."""
    return list(dict.fromkeys(int(text) for text in texts if text.isdecimal() and len(text) < 16))


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
