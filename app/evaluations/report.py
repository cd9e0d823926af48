"""The report of a closed session: what its letters stood for, and what their trials say."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from sqlalchemy.orm import Session

from app.evaluations.failures import failures_of
from app.evaluations.models import EvaluationSession
from app.evaluations.origin import origin_of
from app.evaluations.repository import EvaluationRepository
from app.evaluations.results import Outcomes, comparisons_of, outcomes_of
from app.evaluations.run_states import RunState, run_states
from app.evaluations.session_rubric import rubric_of_session
from app.platform.errors import Conflict
from app.trials.agreement import agreement_on
from hndp_core.evaluation.bootstrap import bootstrap_interval
from hndp_core.evaluation.comparison import Comparison
from hndp_core.evaluation.drift import Drift, drift
from hndp_core.evaluation.shrinkage import ShrunkRate, shrink
from hndp_core.evaluation.success_rate import SuccessRate
from hndp_core.seeding import seed_for

FEW: Final = 10
"""Rates from fewer trials are drawn grey."""


@dataclass(frozen=True)
class LetterResult:
    """One policy, with its name."""

    letter: str
    title: str
    experiment_id: int
    counted: SuccessRate
    wilson: tuple[float, float]
    exact: tuple[float, float]
    score: float
    score_interval: tuple[float, float]
    invalid: int

    @property
    def few(self) -> bool:
        return self.counted.trials < FEW


@dataclass(frozen=True)
class Verdict:
    """Two policies against each other, in words and numbers."""

    first: str
    second: str
    difference: float
    found: Comparison


@dataclass(frozen=True)
class Exclusions:
    """What does not count, and why; `unsettled` waits for a second person, or for one to settle it."""

    invalid: int
    unlabelled: int
    unsettled: int
    not_run: int


def view_report(session: Session, row: EvaluationSession) -> dict[str, Any]:
    """Everything that the report says.

    Raises:
        Conflict: the session is not closed: its letters are not to be known yet.
    """
    if row.status != "closed":
        raise Conflict("The session is not closed yet: its report would tell the letters. Close it first.")
    evaluations = EvaluationRepository(session)
    states, regions = run_states(session, row.id), evaluations.regions(row.id)
    rubric = rubric_of_session(session, row)
    outcomes = outcomes_of(states)
    invalid = evaluations.invalid_attempts(row.id)
    letters = _letters(evaluations, row, outcomes, invalid)
    return {
        "row": row,
        "letters": letters,
        "verdicts": _verdicts(outcomes, comparisons_of(row, outcomes, ended=True)),
        "regions": [(region, _in_region(outcomes, region.id)) for region in regions],
        "shrunk": _shrunk(outcomes, [region.id for region in regions]),
        "rubric": rubric,
        "failures": failures_of(states, outcomes.letters, rubric),
        "agreement": agreement_on(evaluations.second_rated_trials(row.id)),
        "drift": _drift(row, states),
        "exclusions": Exclusions(
            invalid=sum(invalid.values()),
            unlabelled=sum(state.executed and state.label is None for state in states),
            unsettled=sum(bool(state.owed) and state.label is not None for state in states),
            not_run=sum(not state.executed for state in states),
        ),
        "planned": len(states),
        "counted": sum(state.judged for state in states),
        "raters": evaluations.raters(row.id),
        "few": FEW,
    }


def _letters(
    evaluations: EvaluationRepository, row: EvaluationSession, outcomes: Outcomes, invalid: dict[str, int]
) -> list[LetterResult]:
    results = []
    for place, candidate in enumerate(evaluations.candidates_with_origin(row.id)):
        counted = outcomes.rate(place)
        scores = outcomes.scores[place][~np.isnan(outcomes.scores[place])]
        results.append(
            LetterResult(
                candidate.letter,
                origin_of(candidate.policy),
                candidate.policy.iteration.experiment_id,
                counted,
                counted.interval(),
                counted.exact_interval(),
                float(scores.mean()) if len(scores) else 0.0,
                bootstrap_interval(scores, seed=seed_for(row.seed, "bootstrap", candidate.letter)),
                invalid.get(candidate.letter, 0),
            )
        )
    return results


def _verdicts(outcomes: Outcomes, found: Sequence[Comparison]) -> list[Verdict]:
    return [
        Verdict(
            outcomes.letters[each.first],
            outcomes.letters[each.second],
            outcomes.rate(each.first).rate - outcomes.rate(each.second).rate,
            each,
        )
        for each in found
    ]


def _in_region(outcomes: Outcomes, region_id: int) -> list[SuccessRate]:
    return [outcomes.rate(place, region_id) for place in range(len(outcomes.letters))]


def _shrunk(outcomes: Outcomes, region_ids: Sequence[int]) -> dict[tuple[int, int], ShrunkRate]:
    """By region and place of the letter: each letter borrows from its own trials in the other regions."""
    found = {}
    for place in range(len(outcomes.letters)):
        rates = shrink([outcomes.rate(place, region) for region in region_ids])
        found.update({(region, place): rate for region, rate in zip(region_ids, rates, strict=True)})
    return found


def _drift(row: EvaluationSession, states: Sequence[RunState]) -> Drift | None:
    judged = [state for state in states if state.judged]
    successes = np.array([state.label == "success" for state in judged], dtype=bool)
    letters = np.array([ord(state.letter) for state in judged], dtype=np.int64)
    return drift(successes, letters, seed=seed_for(row.seed, "drift"))
