"""The table from above as a drawing: robot base at the left, x to the right, y up, all to scale."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from hndp_core.tasks import Workspace

PIXELS_PER_M: Final = 820
_MARGIN: Final = 46
_BEHIND_BASE_M: Final = 0.09
_AROUND_M: Final = 0.05


class Place(Protocol):
    """A region of an experiment, or of a layout that is not stored yet."""

    @property
    def name(self) -> str: ...
    @property
    def split(self) -> str: ...
    @property
    def x_m(self) -> float: ...
    @property
    def y_m(self) -> float: ...


@dataclass(frozen=True)
class Marker:
    """A region on the drawing; `state` is a word of the page that shows it, "" where there is none."""

    name: str
    split: str
    x: float
    y: float
    place: str
    state: str
    highlighted: bool


@dataclass(frozen=True)
class Tick:
    at: float
    text: str


@dataclass(frozen=True)
class RegionMap:
    """A drawing of `width` x `height` units; y points down in it, as in every SVG."""

    width: float
    height: float
    base_x: float
    base_y: float
    table: tuple[float, float, float, float]
    markers: tuple[Marker, ...]
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]


def draw_region_map(
    workspace: Workspace,
    regions: Sequence[Place],
    states: Mapping[str, str] | None = None,
    highlight: str | None = None,
) -> RegionMap:
    """Place regions on a drawing of the table.

    Args:
        workspace: where the object may stand
        regions: to be drawn
        states: a word for each region by name
        highlight: name of the region that the page is about
    """
    states = states or {}
    top = workspace.y_max_m + _AROUND_M

    def x(x_m: float) -> float:
        return round(_MARGIN + (x_m + _BEHIND_BASE_M) * PIXELS_PER_M, 1)

    def y(y_m: float) -> float:
        return round(8 + (top - y_m) * PIXELS_PER_M, 1)

    left, right = x(workspace.x_min_m), x(workspace.x_max_m)
    above, below = y(workspace.y_max_m), y(workspace.y_min_m)
    return RegionMap(
        width=x(workspace.x_max_m + _AROUND_M),
        height=y(workspace.y_min_m - _AROUND_M) + _MARGIN,
        base_x=x(0.0),
        base_y=y(0.0),
        table=(left, above, right - left, below - above),
        markers=tuple(
            Marker(
                each.name,
                each.split,
                x(each.x_m),
                y(each.y_m),
                f"x {each.x_m:.3f} m, y {each.y_m:.3f} m",
                states.get(each.name, ""),
                each.name == highlight,
            )
            for each in regions
        ),
        x_ticks=tuple(Tick(x(at), f"{at:.2f}") for at in _ticks(workspace.x_min_m, workspace.x_max_m)),
        y_ticks=tuple(Tick(y(at), f"{at:.2f}") for at in _ticks(workspace.y_min_m, workspace.y_max_m)),
    )


def _ticks(low: float, high: float, step: float = 0.1) -> list[float]:
    first = round(low / step + 0.499)
    inner = [round(number * step, 3) for number in range(first, int(high / step + 1.001))]
    return [each for each in inner if low - 1e-9 <= each <= high + 1e-9]
