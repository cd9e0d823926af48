"""How many trials a comparison takes, and how long: from the difference that is worth detecting."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.orm import Session

from app.evaluations.progress import RECENT_TRIALS, trials_per_hour
from app.evaluations.repository import EvaluationRepository
from app.experiments.repository import ExperimentRepository
from hndp_core.errors import InvalidSetting
from hndp_core.evaluation.order import MOST_POLICIES
from hndp_core.evaluation.sample_size import pairs_needed, trials_per_arm
from hndp_core.evaluation.sequential import operating_characteristic, plan_pairs

DEFAULTS: Final[Mapping[str, str]] = {
    "first": "0.6",
    "second": "0.8",
    "power": "0.8",
    "level": "0.05",
    "policies": "2",
    "regions": "10",
    "cell": "",
}


@dataclass(frozen=True)
class PlannedDesign:
    """One way to make the comparison.

    Attributes:
        trials: of each policy, at most
        mean_trials: of each policy, where the difference is as large as asked; of a sequential one fewer
        total: of all policies
        repeats: in each region
        hours: at the cell's rate, for `mean_trials`; None where it is not known
    """

    title: str
    explanation: str
    pairing: str
    design: str
    trials: int
    mean_trials: float
    total: int
    repeats: int
    hours: float | None


def view_planner(session: Session, query: Mapping[str, str]) -> dict[str, Any]:
    """The designs for a question, or what is wrong with it by input."""
    form = {**DEFAULTS, **{name: text for name, text in query.items() if name in DEFAULTS}}
    cells = ExperimentRepository(session).cells()
    rate = _rate(session, {cell.name: cell.id for cell in cells}, form["cell"])
    context = {"form": form, "cells": cells, "rate": rate, "errors": {}, "designs": []}
    values, errors = _numbers(form)
    if errors:
        return {**context, "errors": errors}
    try:
        return {**context, "designs": _designs(values, rate)}
    except InvalidSetting as problem:
        field = {"first rate": "first", "second rate": "second", "difference": "second"}.get(problem.field)
        return {**context, "errors": {field or problem.field: f"{problem.remedy}.".capitalize()}}


def _designs(values: Mapping[str, float], rate: float | None) -> list[PlannedDesign]:
    policies, regions = int(values["policies"]), int(values["regions"])
    couples = policies * (policies - 1) // 2
    question = values["first"], values["second"], values["power"], values["level"] / couples
    sequential = plan_pairs(*question)
    found = operating_characteristic(sequential, values["first"], values["second"])

    def design(
        title: str, explanation: str, pairing: str, kind: str, trials: int, mean: float
    ) -> PlannedDesign:
        hours = None if rate is None else mean * policies / rate
        repeats = -(-trials // regions)
        return PlannedDesign(
            title, explanation, pairing, kind, trials, mean, trials * policies, repeats, hours
        )

    return [
        design(
            "Fixed, independent",
            "Each trial meets its own scene; Barnard's test at the end.",
            "independent",
            "fixed",
            trials := trials_per_arm(*question),
            trials,
        ),
        design(
            "Fixed, paired",
            "All policies meet the same scenes; McNemar's test at the end. Fewer do where scenes differ in "
            "difficulty: the number here takes outcomes to be independent.",
            "paired",
            "fixed",
            pairs := pairs_needed(*question),
            pairs,
        ),
        design(
            "Sequential, paired",
            f"May end after any pair. At most {sequential.pairs} pairs; {found.mean_pairs:.0f} on average if "
            "the difference is as large as you say.",
            "paired",
            "sequential",
            sequential.pairs,
            found.mean_pairs,
        ),
    ]


def _numbers(form: Mapping[str, str]) -> tuple[dict[str, float], dict[str, str]]:
    ranges = {
        "first": (0.01, 0.99),
        "second": (0.01, 0.99),
        "power": (0.5, 0.99),
        "level": (0.001, 0.2),
        "policies": (2, MOST_POLICIES),
        "regions": (1, 200),
    }
    values, errors = {}, {}
    for name, (low, high) in ranges.items():
        try:
            values[name] = float(form[name])
        except ValueError:
            errors[name] = "Give a number."
            continue
        if not low <= values[name] <= high or (name in ("policies", "regions") and values[name] % 1):
            errors[name] = f"Choose between {low:g} and {high:g}."
    return values, errors


def _rate(session: Session, cells: Mapping[str, int], name: str) -> float | None:
    """Trials an hour on the named cell, or on the only one."""
    cell_id = cells.get(name) or (next(iter(cells.values())) if len(cells) == 1 else None)
    if cell_id is None:
        return None
    return trials_per_hour(EvaluationRepository(session).executed_times(cell_id, RECENT_TRIALS))
