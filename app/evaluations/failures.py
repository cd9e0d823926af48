"""Why the trials of each policy failed, and of how many it was said how far they came."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from app.evaluations.run_states import RunState
from app.trials.rubrics import OTHER
from hndp_core.tasks import Rubric

NOT_SAID: Final = "not said"


@dataclass(frozen=True)
class FailureMode:
    """One reason.

    Attributes:
        mode: in the words of the labels
        counts: trials that failed so, by letter
        notes: what was said in a few words instead, each after its letter
    """

    mode: str
    counts: tuple[int, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Failures:
    """Of the trials that count.

    Attributes:
        modes: those that were given, in the rubric's order; then others, and failures of which nothing was
            said
        total: trials that failed, by letter
        with_milestones: of all, those of which it was said how far they came
    """

    modes: Sequence[FailureMode]
    total: tuple[int, ...]
    with_milestones: int


def failures_of(states: Sequence[RunState], letters: Sequence[str], rubric: Rubric) -> Failures:
    """Count the failures of a session's runs by reason and letter."""
    failed = [state for state in states if state.judged and state.label == "failure"]
    counts = Counter((state.failure_mode or NOT_SAID, state.letter) for state in failed)
    given = {mode for mode, _ in counts}
    known = [
        *rubric.failure_modes,
        *sorted(given - {*rubric.failure_modes, OTHER, NOT_SAID}),
        OTHER,
        NOT_SAID,
    ]
    return Failures(
        modes=[
            FailureMode(
                mode,
                tuple(counts[mode, letter] for letter in letters),
                _notes(failed) if mode == OTHER else (),
            )
            for mode in known
            if mode in given
        ],
        total=tuple(sum(state.letter == letter for state in failed) for letter in letters),
        with_milestones=sum(state.score is not None for state in failed),
    )


def _notes(failed: Sequence[RunState]) -> tuple[str, ...]:
    told = [(state.letter, state.note) for state in failed if state.failure_mode == OTHER and state.note]
    return tuple(f"{letter}: {note}" for letter, note in sorted(told))
