"""The methods as the form of a new experiment offers them: with a line on what each one is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from hndp_core.hierarchy import METHODS, Method

_MOTIONS: Final[Mapping[str, str]] = {
    "dmp": "movement primitives",
    "points": "joint paths without a primitive",
    "fitted_dmp": "parameters of fitted primitives",
    "chunks": "chunks of joint paths from a transformer",
    "replay": "replays the one that looks most alike",
}


@dataclass(frozen=True)
class MethodChoice:
    """One method to choose."""

    name: str
    title: str
    explanation: str


def method_choices() -> dict[str, list[MethodChoice]]:
    """All methods by what they can be used for; the project's own first."""
    groups: dict[str, list[MethodChoice]] = {
        "Any number of iterations": [],
        "1 iteration": [],
    }
    refined, single = groups.values()
    for method in METHODS.values():
        choice = MethodChoice(method.name, method.title, explain_method(method))
        (refined if method.local_to_global else single).append(choice)
    return groups


def explain_method(method: Method) -> str:
    """What is learned, and what sets the method apart, as half a sentence."""
    teacher = "local policies teach a global one" if method.local_to_global else "learns from demonstrations"
    parts = [teacher, _MOTIONS[method.motion]]
    if not method.new_images:
        parts.append("sees only the demonstrations' images")
    if not method.conditioned:
        parts.append("outputs not normalised")
    return ", ".join(parts)
