"""The page of the table: every rate as k/n with its interval, and the paper's figures beside."""

from collections.abc import Iterable, Sequence

from hndp_core.evaluation.success_rate import SuccessRate
from hndp_core.experiments.table1.comparisons import Comparison
from hndp_core.experiments.table1.rows import HNDP_FEATURES_ROW, HNDP_ROW, ROWS, get_row
from hndp_core.experiments.table1.summary import RowSummary, TaskSummary
from hndp_core.robots.time_scaling import GREATEST_SLOW_DOWN

FEW_TRIALS = 10
MARK = "\\*"
"""Beside a rate with fewer trials than that."""


def page(summaries: Sequence[TaskSummary], figures: Sequence[tuple[str, str]], targets: str = "") -> str:
    """The whole page.

    Args:
        summaries: of the tasks
        figures: (file beside the page, caption)
        targets: table of flat figures and their targets
    """
    parts = [_INTRODUCTION, *([targets] if targets else [])]
    parts += _level_tables(summaries)
    for each in summaries:
        parts += [f"## {each.task}", *_tables(each), _provenance(each)]
    if figures:
        parts.append("## Figures")
        parts += [f"![{caption}]({file})\n\n{caption}" for file, caption in figures]
    return "\n\n".join(parts) + "\n"


_INTRODUCTION = f"""# H-NDP's Table I on the simulated Franka

Made by `hndp bench table1`; the same command goes on where the table ends. A rate is successes of trials in
held-out regions after the last iteration, as the physics judges, with its 95 % Wilson interval; {MARK} marks
fewer than {FEW_TRIALS} trials. *Paper* is the rate on the paper's real robot with its own tasks: another
world, beside which the order of the rows can be held, not the numbers. Rows "raw" have outputs as the papers
describe them; all others have outputs that are centred and scaled by the demonstrations.

*Against H-NDP* compares a row with `{HNDP_ROW}` on the same layouts, seeds and regions: trials that H-NDP
alone did, trials that the row alone did, and the p of McNemar's exact test (Barnard's where no trial is
shared) after Holm's correction over the rows of the task. Rows that see feature points are compared with
`{HNDP_FEATURES_ROW}`, which sees them too, and that one with `{HNDP_ROW}`."""


def _level_tables(summaries: Sequence[TaskSummary]) -> list[str]:
    """Held-out successes of what has run at several levels; none where nothing has."""
    parts: list[str] = []
    for task in dict.fromkeys(each.base for each in summaries):
        levels = [each for each in summaries if each.base == task]
        rows = {row.row: row for each in levels for row in each.rows}
        several = [rows[name] for name in ROWS if len(_at_levels(name, levels)) > 1]
        if several:
            cells = ((*_names(row), *_rates_at(row.row, levels)) for row in several)
            names = (each.level for each in levels)
            parts.append(_table((f"{task}: method", "Demos", "Iter.", *names), cells))
    return ["## Held-out success by level", *parts] if parts else []


def _at_levels(name: str, levels: Sequence[TaskSummary]) -> list[RowSummary]:
    return [row for each in levels for row in each.rows if row.row == name]


def _rates_at(name: str, levels: Sequence[TaskSummary]) -> Iterable[str]:
    for each in levels:
        yield ", ".join(_rate(row.held_out[-1]) for row in _at_levels(name, [each]))


def _tables(summary: TaskSummary) -> list[str]:
    return [
        _table(
            ("Method", "Demos", "Iter.", "Held-out", "Interval", "Train", "Paper", "Against H-NDP", "p"),
            (_success_cells(row, summary) for row in summary.rows),
        ),
        "Smoothness and safety of the held-out plans, before the servos: the integral of the joints' squared "
        "jerk (median), plans that would break a limit of the Panda as they are, and those that would when "
        f"slowed down by up to {GREATEST_SLOW_DOWN:g}. *Refused* ones did not move and count as failures. "
        "*Time* is the mean wall time of one run.",
        _table(
            (
                "Method",
                "Demos",
                "Iter.",
                "Squared jerk, rad²/s⁵",
                "Violating",
                "Slowed down",
                "Refused",
                "Time",
            ),
            (_motion_cells(row) for row in summary.rows),
        ),
        *_local_table(summary),
    ]


def _local_table(summary: TaskSummary) -> list[str]:
    rows = [row for row in summary.rows if row.local_jerk is not None]
    if not rows:
        return []
    return [
        "Local policies beside their demonstrations, from the demonstrations' own starts, first iteration "
        "(H-NDP Fig. 3): medians of the squared jerk, and the root mean square error over time and joints.",
        _table(
            ("Method", "Demos", "Iter.", "Demonstration, rad²/s⁵", "Local policy, rad²/s⁵", "Error, mrad"),
            (
                (
                    *_names(row),
                    f"{row.demonstration_jerk:.3g}",
                    f"{row.local_jerk:.3g}",
                    f"{1e3 * (row.local_error_rad or 0.0):.2f}",
                )
                for row in rows
            ),
        ),
    ]


def _success_cells(row: RowSummary, summary: TaskSummary) -> tuple[str, ...]:
    low, high = row.held_out[-1].interval()
    paper = get_row(row.row).paper.get(summary.base)
    against = next((each for each in summary.comparisons if each.row == row.row), None)
    return (
        *_names(row),
        _rate(row.held_out[-1]),
        f"{low:.2f} to {high:.2f}",
        _rate(row.train[-1]),
        "" if paper is None else f"{paper:.1f}",
        *_against(against),
    )


def _against(comparison: Comparison | None) -> tuple[str, str]:
    if comparison is None:
        return "", ""
    p = "< 0.001" if comparison.adjusted_p < 0.001 else f"{comparison.adjusted_p:.3f}"
    if comparison.test == "Barnard":
        return "unpaired", f"{p} (Barnard)"
    return f"{comparison.hndp_only} : {comparison.row_only} of {comparison.pairs}", p


def _motion_cells(row: RowSummary) -> tuple[str, ...]:
    trials = row.held_out[-1].trials
    return (
        *_names(row),
        f"{row.median_squared_jerk:.3g}",
        f"{row.violating}/{trials}",
        f"{row.violating_scaled}/{trials}",
        f"{row.refused}/{trials}",
        f"{row.seconds / 60:.1f} min",
    )


def _names(row: RowSummary) -> tuple[str, str, str]:
    known = get_row(row.row)
    title = f"**{known.title}**" if row.row == HNDP_ROW else known.title
    return title, f"{known.demonstrations}x", str(known.iterations)


def _rate(rate: SuccessRate) -> str:
    return f"{rate.successes}/{rate.trials}" + (MARK if rate.trials < FEW_TRIALS else "")


def _provenance(summary: TaskSummary) -> str:
    runs = sum(len(row.runs) for row in summary.rows)
    return (
        f"{runs} runs, {summary.first_date[:10]} to {summary.last_date[:10]}, commits "
        f"{', '.join(summary.commits)}; {'; '.join(summary.machines)}."
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)
