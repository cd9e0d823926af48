"""Facts of episodes as cells of a CSV table."""

from collections.abc import Mapping
from dataclasses import astuple
from types import UnionType
from typing import Final, get_args, get_type_hints

from hndp_core.data.dataset.episode import FACTS, EpisodeFacts

Fact = str | int | float | bool


def fact_kinds() -> dict[str, type]:
    """The type of each fact, whether or not it may be unknown."""
    hints = get_type_hints(EpisodeFacts)
    return {name: _known(hints[name]) for name in FACTS}


def to_cells(facts: EpisodeFacts) -> list[str]:
    """One cell for each of `FACTS`; empty where it is not known."""
    return [_cell(value) for value in astuple(facts)]


def from_cells(cells: Mapping[str, str]) -> EpisodeFacts:
    """The inverse of `to_cells`, by the names of the columns.

    Raises:
        KeyError, ValueError: a column is missing, or a cell holds something else.
    """
    values = {name: _value(cells[name], kind) for name, kind in fact_kinds().items()}
    return EpisodeFacts(**values)  # type: ignore[arg-type]


_TRUTHS: Final = {"true": True, "false": False}


def _known(hint: type | UnionType) -> type:
    kinds = [each for each in get_args(hint) if each is not type(None)]
    return kinds[0] if kinds else hint  # type: ignore[return-value]


def _cell(value: Fact | None) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float():
            return repr(value)  # the shortest text that reads back as the same bits
        case _:
            return str(value)


def _value(cell: str, kind: type) -> Fact | None:
    if cell == "":
        return None
    return _TRUTHS[cell] if kind is bool else kind(cell)
