"""Success rates of several rows on one axis, each with its interval, side by side where they are equal."""

from collections.abc import Mapping, Sequence
from typing import Any

from hndp_core.evaluation.success_rate import SuccessRate
from hndp_core.experiments.table1.rows import get_row

_SPAN = 0.4
"""Greatest distance between the first and the last row at one place; places are 1 apart."""
_APART = 0.07


def draw_rates(axis: Any, curves: Mapping[str, Mapping[int, SuccessRate]], rows: Sequence[str]) -> None:
    """Draw one curve a row, with 95 % Wilson intervals.

    Args:
        axis: of matplotlib
        curves: rates of each row, by the place where they stand
        rows: in this order from left to right, in the same colours on every axis that is given the same
    """
    apart = min(_APART, _SPAN / max(1, len(rows) - 1))
    for number, row in enumerate(rows):
        if row in curves:
            _draw(axis, row, curves[row], apart * (number - (len(rows) - 1) / 2), f"C{number}")
    axis.set_ylim(-0.03, 1.03)


def draw_legend(figure: Any) -> None:
    """One legend above all axes."""
    found = [axis.get_legend_handles_labels() for axis in figure.axes]
    labelled = {label: handle for each in found for handle, label in zip(*each, strict=True)}
    figure.legend(labelled.values(), labelled.keys(), loc="outside upper center", ncols=4, fontsize=7)


def _draw(axis: Any, row: str, rates: Mapping[int, SuccessRate], offset: float, colour: str) -> None:
    known = get_row(row)
    axis.errorbar(
        [place + offset for place in rates],
        [rate.rate for rate in rates.values()],
        yerr=list(zip(*(_reach(rate) for rate in rates.values()), strict=True)),
        color=colour,
        marker="o",
        markersize=4,
        linewidth=1,
        elinewidth=0.8,
        capsize=2,
        label=f"{known.title}, {known.demonstrations}x",
    )


def _reach(rate: SuccessRate) -> tuple[float, float]:
    low, high = rate.interval()
    return max(0.0, rate.rate - low), max(0.0, high - rate.rate)
