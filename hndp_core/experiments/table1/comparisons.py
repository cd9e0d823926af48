"""Every row against H-NDP that sees the same, on the same layouts, seeds and regions."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from hndp_core.evaluation.significance import barnard, holm, mcnemar
from hndp_core.experiments.table1.rows import ROWS, Row
from hndp_core.experiments.table1.run_result import RunResult
from hndp_core.experiments.table1.schedule import rates

Conditions = tuple[int, int, int]
"""Layout seed, seed, held-out region."""


@dataclass(frozen=True)
class Comparison:
    """One row against H-NDP on one task.

    Attributes:
        row: which
        against: name of H-NDP's row
        test: "McNemar" where trials of the two share conditions, else "Barnard"
        pairs: trials that share layout, seed and region
        hndp_only: of these, how many H-NDP alone did
        row_only: how many the row alone did
        p: two-sided
        adjusted_p: by Holm, over the rows compared on the task
    """

    row: str
    against: str
    test: str
    pairs: int
    hndp_only: int
    row_only: int
    p: float
    adjusted_p: float


def compare(task: str, results: Sequence[RunResult]) -> list[Comparison]:
    """All rows that have run on the task, as has what they are compared with, in the order of the table."""
    outcomes = _outcomes(task, results)
    found = [
        _compared(task, row, outcomes, results)
        for row in ROWS.values()
        if row.name in outcomes and row.against in outcomes and row.name != row.against
    ]
    adjusted = holm([each.p for each in found])
    return [replace(each, adjusted_p=p) for each, p in zip(found, adjusted, strict=True)]


def _compared(
    task: str, row: Row, outcomes: dict[str, dict[Conditions, bool]], results: Sequence[RunResult]
) -> Comparison:
    ours, theirs = outcomes[row.against], outcomes[row.name]
    shared = ours.keys() & theirs.keys()
    hndp_only = sum(ours[each] and not theirs[each] for each in shared)
    row_only = sum(theirs[each] and not ours[each] for each in shared)
    if shared:
        p, test = mcnemar(hndp_only, row_only), "McNemar"
    else:
        held_out = rates(task, results, "held_out")
        p, test = barnard(held_out[row.against], held_out[row.name]), "Barnard"
    return Comparison(row.name, row.against, test, len(shared), hndp_only, row_only, p, p)


def _outcomes(task: str, results: Sequence[RunResult]) -> dict[str, dict[Conditions, bool]]:
    found: dict[str, dict[Conditions, bool]] = {}
    for each in results:
        if each.run.task == task:
            place = each.run.layout_seed, each.run.seed
            found.setdefault(each.run.row, {}).update(
                {(*place, region): success for region, success in each.successes_by_region().items()}
            )
    return found
