"""How far two people who judge the same trials independently agree."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app.training.models import Iteration
from app.trials.judgement import is_disputed, second_rating
from app.trials.models import LabelEvent, Trial


@dataclass(frozen=True)
class Agreement:
    """Of the first and second judgements of some trials.

    Attributes:
        pairs: trials that two people have judged
        agreeing: of them, those judged alike
        kappa: Cohen's kappa; None without pairs, or where chance alone makes everybody agree
        drawn: trials drawn for a second judgement that were run
        disputed: trials that a third person is to settle
    """

    pairs: int
    agreeing: int
    kappa: float | None
    drawn: int
    disputed: int


def agreement_of(session: Session, experiment_id: int) -> Agreement:
    """Agreement on the trials of an experiment."""
    trials = session.scalars(
        select(Trial)
        .join(Iteration)
        .where(Iteration.experiment_id == experiment_id, Trial.second_rated, Trial.status == "executed")
        .options(selectinload(Trial.labels))
    ).all()
    return agreement_on(trials)


def agreement_on(trials: Sequence[Trial]) -> Agreement:
    """Agreement on trials that were drawn for a second judgement, and run.

    A pair is the last first judgement, before anybody settled or corrected it with the other in view, and the
    second one.
    """
    pairs = [pair for trial in trials if (pair := _pair(trial)) is not None]
    return Agreement(
        pairs=len(pairs),
        agreeing=sum(first == second for first, second in pairs),
        kappa=cohens_kappa(pairs),
        drawn=len(trials),
        disputed=sum(is_disputed(trial) for trial in trials),
    )


def cohens_kappa(pairs: Sequence[tuple[str, str]]) -> float | None:
    """Agreement beyond chance (Cohen, 1960): 1 where all agree, 0 where they do as often as by chance."""
    if not pairs:
        return None
    count = len(pairs)
    observed = sum(first == second for first, second in pairs) / count
    firsts, seconds = Counter(first for first, _ in pairs), Counter(second for _, second in pairs)
    by_chance = sum(firsts[each] * seconds[each] for each in firsts) / count**2
    return None if by_chance == 1 else (observed - by_chance) / (1 - by_chance)


def _pair(trial: Trial) -> tuple[str, str] | None:
    second = second_rating(trial)
    if second is None:
        return None
    before = [each for each in trial.labels if each.rating == "first" and each.author_id != second.author_id]
    first = _first_of(before, second)
    return None if first is None else (first.outcome, second.outcome)


def _first_of(events: Sequence[LabelEvent], second: LabelEvent) -> LabelEvent | None:
    """The first judgement as it stood when the second was given."""
    earlier = [each for each in events if each.id < second.id]
    last = earlier[-1] if earlier else None
    return None if last is None or last.outcome == "withdrawn" else last
