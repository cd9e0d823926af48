"""The methods that are compared, one record each; all of them run through the same code.

A method says what the last layer's numbers stand for, whether local policies teach the global one, and
how its outputs are scaled. Everything else (data, minibatches, steps, learning rates, schedule, the true
start joints) is the same for all. This module loads no torch, so that the web process can use it.
"""

from dataclasses import dataclass
from typing import Literal

from hndp_core.errors import UnknownName

Motion = Literal["dmp", "points", "fitted_dmp", "chunks", "replay"]


@dataclass(frozen=True)
class Method:
    """One way to learn a skill from demonstrations.

    Attributes:
        name: in settings and files
        title: for people
        source: paper and section that describe it, or what it is a control for
        motion: what a network's outputs stand for: "dmp" a primitive, trained through its trajectory;
            "points" every joint at every step; "fitted_dmp" a primitive's parameters, trained on those
            fitted to each demonstration; "chunks" runs of steps from a transformer; "replay" no network's
            outputs, but the demonstration whose image looks most alike
        local_to_global: whether local policies are trained first and the global one imitates them; only
            then is there anything to refine
        conditioned: whether outputs are centred and scaled by the demonstrations and the last layer starts
            small; otherwise outputs stand in the unit that the paper gives them, with an ordinary start
        new_images: whether D grows by images of new rollouts; otherwise the demonstrations' own
            observations take their place
    """

    name: str
    title: str
    source: str
    motion: Motion
    local_to_global: bool
    conditioned: bool = True
    new_images: bool = True


_RECORDS = (
    Method("hndp", "H-NDP", "H-NDP Sec. III, Algorithm 1", "dmp", local_to_global=True),
    Method(
        "hndp_raw", "H-NDP, raw outputs", "H-NDP Sec. III; outputs as in the code of NDP", "dmp", True, False
    ),
    Method(
        "hndp_same_images",
        "H-NDP without new images",
        "control: H-NDP with as many steps, whose D repeats the demonstrations' images",
        "dmp",
        local_to_global=True,
        new_images=False,
    ),
    Method("ndp", "NDP", "NDP Sec. 3.1, H-NDP Table I", "dmp", local_to_global=False),
    Method("ndp_raw", "NDP, raw outputs", "NDP Sec. 3.1; outputs as in the code of NDP", "dmp", False, False),
    Method("gps", "GPS-like", "H-NDP Table I: local to global with vanilla networks", "points", True),
    Method("gps_raw", "GPS-like, raw outputs", "H-NDP Table I, un-normalised outputs", "points", True, False),
    Method("vanilla", "Vanilla network", "H-NDP Table I", "points", local_to_global=False),
    Method(
        "vanilla_raw", "Vanilla network, raw outputs", "H-NDP Table I, un-normalised", "points", False, False
    ),
    Method("cnn_dmp", "CNN-DMP", "Pahic et al. 2018, as in NDP Sec. 5.1", "fitted_dmp", False),
    Method(
        "cnn_dmp_raw", "CNN-DMP, raw outputs", "Pahic et al. 2018, un-normalised", "fitted_dmp", False, False
    ),
    Method(
        "act", "Action chunking transformer", "Zhao et al. 2023, Sec. IV", "chunks", local_to_global=False
    ),
    Method("nearest", "Nearest demonstration", "control: recognise, then replay", "replay", False),
)

METHODS: dict[str, Method] = {record.name: record for record in _RECORDS}
"""By name; the project's own first."""


def get_method(name: str) -> Method:
    """The record of a method.

    Raises:
        UnknownName: no such method.
    """
    if name not in METHODS:
        raise UnknownName("method", name, METHODS)
    return METHODS[name]
