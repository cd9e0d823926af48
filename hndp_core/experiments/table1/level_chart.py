"""Held-out success of each row against difficulty: up the ladder of levels, and with fewer demonstrations."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hndp_core.evaluation.success_rate import SuccessRate
from hndp_core.experiments.table1.rate_curves import draw_legend, draw_rates
from hndp_core.experiments.table1.rows import ROWS
from hndp_core.experiments.table1.summary import TaskSummary
from hndp_core.tasks import get_task


def can_be_drawn(task: str, summaries: Sequence[TaskSummary]) -> bool:
    """Whether any row has run at two levels that stand side by side in `draw_levels`."""
    return bool(_panels(task, summaries))


def draw_levels(plot: Any, task: str, summaries: Sequence[TaskSummary]) -> Any:
    """A figure with one curve a row: left from easy to hard, right over the number of train regions.

    Levels with fewer train regions are no steps of the ladder: each is the default level otherwise (ADR 5).
    """
    panels = _panels(task, summaries)
    figure, axes = plot.subplots(
        1,
        len(panels),
        figsize=(9, 3.6),
        sharey=True,
        squeeze=False,
        width_ratios=[len(panel.ticks) for panel in panels],
        layout="constrained",
    )
    drawn = [row for row in ROWS if any(row in panel.curves for panel in panels)]
    for axis, panel in zip(axes[0], panels, strict=True):
        draw_rates(axis, panel.curves, drawn)
        axis.set_xticks(range(len(panel.ticks)), panel.ticks)
        axis.set_xlabel(panel.title)
    axes[0][0].set_ylabel("held-out success rate")
    draw_legend(figure)
    return figure


@dataclass(frozen=True)
class _Panel:
    title: str
    ticks: list[str]
    curves: dict[str, dict[int, SuccessRate]]
    """Of each row that has run at two of the levels or more: by the place of the level."""


def _panels(task: str, summaries: Sequence[TaskSummary]) -> list[_Panel]:
    usual = get_task(task)
    steps = {each.name: each.name for each in usual.levels if each.train_regions is None}
    fewer = [usual.default_level, *(each.name for each in usual.levels if each.train_regions)]
    counts = {name: f"{get_task(f'{task}@{name}').train_regions}\n{name}" for name in fewer}
    panels = [_panel("difficulty", steps, summaries), _panel("train regions", counts, summaries)]
    return [panel for panel in panels if panel.curves]


def _panel(title: str, levels: Mapping[str, str], summaries: Sequence[TaskSummary]) -> _Panel:
    by_level = {summary.level: summary for summary in summaries}
    known = [by_level[name] for name in levels if name in by_level]
    curves: dict[str, dict[int, SuccessRate]] = {}
    for place, summary in enumerate(known):
        for row in summary.rows:
            curves.setdefault(row.row, {})[place] = row.held_out[-1]
    ticks = [label for name, label in levels.items() if name in by_level]
    return _Panel(title, ticks, {row: curve for row, curve in curves.items() if len(curve) > 1})
