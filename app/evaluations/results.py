"""Outcomes of a session as numbers: by letter and condition, in the planned order."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from app.evaluations.models import EvaluationSession
from app.evaluations.run_states import RunState
from app.trials.label_details import credit_of
from hndp_core.evaluation.comparison import (
    Comparison,
    compare_independent,
    compare_paired,
    compare_sequentially,
)
from hndp_core.evaluation.success_rate import SuccessRate


@dataclass(frozen=True)
class Outcomes:
    """What the planned runs of a session came to.

    Attributes:
        letters: in alphabetical order
        conditions: (block, region id) in the order in which they were planned
        success: 1, 0 or nan by letter and condition
        scores: partial credit, or nan, likewise
    """

    letters: tuple[str, ...]
    conditions: tuple[tuple[int, int], ...]
    success: Float64[np.ndarray, "letter condition"]
    scores: Float64[np.ndarray, "letter condition"]

    def rate(self, letter: int, region_id: int | None = None) -> SuccessRate:
        """k of n of a letter, in one region or in all."""
        chosen = [region_id in (None, region) for _, region in self.conditions]
        here = self.success[letter, chosen]
        return SuccessRate(int(np.nansum(here)), int(np.count_nonzero(~np.isnan(here))))


def outcomes_of(states: Sequence[RunState]) -> Outcomes:
    """Arrange the runs; those without a label that counts are nan."""
    letters = tuple(sorted({state.letter for state in states}))
    conditions = tuple(dict.fromkeys((state.block, state.region_id) for state in states))
    places = {condition: place for place, condition in enumerate(conditions)}
    success, scores = np.full((2, len(letters), len(conditions)), np.nan)
    for state in states:
        if state.judged:
            place = letters.index(state.letter), places[state.block, state.region_id]
            success[place] = state.label == "success"
            scores[place] = partial_credit(state)
    return Outcomes(letters, conditions, success, scores)


def partial_credit(state: RunState) -> float:
    """Credit of a judged run between 0 and 1, by its milestones; a success has all of it."""
    return credit_of(state.label or "", state.score)


def comparisons_of(row: EvaluationSession, outcomes: Outcomes, *, ended: bool) -> list[Comparison]:
    """All letters against each other, by the test that the session's design calls for."""
    if row.design == "sequential":
        return compare_sequentially(outcomes.success, row.level, ended=ended)
    if row.pairing == "paired":
        return compare_paired(outcomes.success, row.level)
    return compare_independent(outcomes.success, row.level)


def enough_evidence(row: EvaluationSession, states: Sequence[RunState]) -> bool:
    """Whether a sequential session has decided every comparison: then no further trial is needed."""
    if row.design != "sequential":
        return False
    found = comparisons_of(row, outcomes_of(states), ended=all(state.judged for state in states))
    return all(each.p is not None for each in found)
