"""The paper's figures from the results: Fig. 3 and Fig. 6, and success over difficulty levels, as SVG."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hndp_core.errors import MissingPackage
from hndp_core.experiments.table1.level_chart import can_be_drawn, draw_levels
from hndp_core.experiments.table1.motion_facts import SHOWN_EVERY, SHOWN_JOINTS
from hndp_core.experiments.table1.rate_curves import draw_legend, draw_rates
from hndp_core.experiments.table1.rows import HNDP_ROW
from hndp_core.experiments.table1.run_result import RunResult
from hndp_core.experiments.table1.summary import RowSummary, TaskSummary
from hndp_core.tasks import get_task

SALT = "hndp"
"""Of the ids in an SVG: equal figures are equal files."""

Figure = tuple[str, str]
"""File name and caption."""


def draw_all(out: Path, summaries: Sequence[TaskSummary], results: Sequence[RunResult]) -> list[Figure]:
    """Draw what the results allow, beside the page.

    Raises:
        MissingPackage: matplotlib is not installed.
    """
    plot = drawing_library()
    figures: list[Figure] = []
    for summary in summaries:
        name = summary.task.replace("@", "-")
        refined = [row for row in summary.rows if len(row.held_out) > 1]
        if refined:
            _save(plot, _over_iterations(plot, refined), out / f"iterations-{name}.svg")
            caption = f"{summary.task}: success over iterations (H-NDP Fig. 6), with 95 % Wilson intervals."
            figures.append((f"iterations-{name}.svg", caption))
        curves = next((each for each in results if each.run == _shown(summary, results)), None)
        if curves is not None and curves.local is not None:
            _save(plot, _local_curves(plot, curves), out / f"local-{name}.svg")
            caption = f"{summary.task}: demonstrations and local policies (H-NDP Fig. 3)."
            figures.append((f"local-{name}.svg", caption))
    return figures + _level_figures(plot, out, summaries)


def _level_figures(plot: Any, out: Path, summaries: Sequence[TaskSummary]) -> list[Figure]:
    figures: list[Figure] = []
    for task in sorted({summary.base for summary in summaries}):
        found = [summary for summary in summaries if summary.base == task]
        if can_be_drawn(task, found):
            _save(plot, draw_levels(plot, task, found), out / f"levels-{task}.svg")
            caption = f"{task}: held-out success against difficulty, with 95 % Wilson intervals."
            figures.append((f"levels-{task}.svg", caption))
    return figures


def drawing_library() -> Any:
    """Matplotlib's pyplot, set up so that equal figures are equal files.

    Raises:
        MissingPackage: matplotlib is not installed.
    """
    try:
        import matplotlib
    except ImportError as error:
        raise MissingPackage("matplotlib", "drawing of results", str(error)) from error
    matplotlib.use("svg")
    matplotlib.rcParams.update({"svg.hashsalt": SALT, "svg.fonttype": "none", "font.size": 9})
    import matplotlib.pyplot as plot

    return plot


def _over_iterations(plot: Any, rows: Sequence[RowSummary]) -> Any:
    figure, axes = plot.subplots(1, 2, figsize=(9, 3.6), sharey=True, layout="constrained")
    for axis, split in zip(axes, ("train", "held_out"), strict=True):
        curves = {row.row: dict(enumerate(getattr(row, split), start=1)) for row in rows}
        draw_rates(axis, curves, list(curves))
        axis.set_title(f"{split.replace('_', '-')} regions")
        axis.set_xlabel("iteration")
        axis.xaxis.get_major_locator().set_params(integer=True)
    axes[0].set_ylabel("success rate")
    draw_legend(figure)
    return figure


def _local_curves(plot: Any, result: RunResult) -> Any:
    assert result.local is not None
    rate_hz = get_task(result.run.task).control_rate_hz
    figure, axes = plot.subplots(1, len(SHOWN_JOINTS), figsize=(9, 3.2), layout="constrained")
    for axis, joint in zip(axes, SHOWN_JOINTS, strict=True):
        for number, curve in enumerate(each for each in result.local.curves if each["joint"] == joint):
            times = [SHOWN_EVERY * (step + 1) / rate_hz for step in range(len(curve["local"]))]
            axis.plot(times, curve["demonstration"], color=f"C{number}", linewidth=3, alpha=0.35)
            axis.plot(times, curve["local"], color=f"C{number}", label=f"T{curve['region']}")
        axis.set_title(f"joint {joint}: demonstration (wide), local policy (thin)")
        axis.set_xlabel("time, s")
    axes[0].set_ylabel("angle, rad")
    axes[-1].legend(fontsize=7)
    return figure


def _shown(summary: TaskSummary, results: Sequence[RunResult]) -> Any:
    """The first run of H-NDP on the task."""
    return min(
        (each.run for each in results if each.run.task == summary.task and each.run.row == HNDP_ROW),
        default=None,
    )


def _save(plot: Any, figure: Any, file: Path) -> None:
    figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
    plot.close(figure)
