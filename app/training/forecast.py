"""How long steps still take: by their pace so far, and by the same step of former iterations."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from app.training.models import Iteration, Step

PACE_FROM: Final = 0.2
"""Share of a step from which its own pace tells more than the former iteration's time."""


class Forecast:
    """Times of the machines, in seconds; None where nothing is known yet. Labelling counts nothing."""

    def __init__(self, iterations: Sequence[Iteration]) -> None:
        self._usual = {
            step.kind: (step.finished_at - step.started_at).total_seconds()
            for iteration in iterations
            for step in iteration.steps
            if step.status == "done" and step.started_at and step.finished_at
        }

    def step_left(self, step: Step, present: datetime) -> float | None:
        if step.status == "done" or step.kind == "labelling":
            return 0.0
        usual = self._usual.get(step.kind)
        if step.started_at is None or step.total == 0:
            return usual
        elapsed, share = (present - step.started_at).total_seconds(), step.done / step.total
        if step.status == "running" and share > 0 and (share >= PACE_FROM or usual is None):
            return elapsed / share * (1 - share)
        return None if usual is None else usual * (1 - share)

    def iteration_left(self, iteration: Iteration, present: datetime) -> float | None:
        return _sum([self.step_left(step, present) for step in iteration.steps])

    def plan_left(
        self, iterations: Sequence[Iteration], to_come: Sequence[Sequence[str]], present: datetime
    ) -> float | None:
        """For all iterations: those begun, and those to come by the kinds of their steps."""
        begun = [self.iteration_left(each, present) for each in iterations]
        later = [self._usual.get(kind) for kinds in to_come for kind in kinds if kind != "labelling"]
        return _sum([*begun, *later])


def _sum(seconds: Sequence[float | None]) -> float | None:
    return None if None in seconds else sum(each for each in seconds if each is not None)
