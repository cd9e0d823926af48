"""What the physics said about each judged rollout of a run: its measures, beside the trials' labels."""

from collections.abc import Iterator, Sequence
from typing import TypedDict, cast

from hndp_core.hierarchy.rollout_request import RolloutRequest, RolloutResult, Rollouts
from hndp_core.hierarchy.run_folder import RunFolder


class LoggedOutcome(TypedDict):
    """One rollout: `success` is None where the physics says nothing; the rest as in `RolloutResult`."""

    region: int
    repeat: int
    attempt: int
    success: bool | None
    measures: dict[str, float]
    refusal: str | None
    slow_down: float


class OutcomeLog:
    """Rollouts that write down how each ended, by step, in the run's folder.

    Args:
        rollouts: what runs the requests
        folder: of the run
    """

    def __init__(self, rollouts: Rollouts, folder: RunFolder) -> None:
        self._rollouts, self._folder = rollouts, folder

    def __call__(self, requests: Sequence[RolloutRequest]) -> Iterator[RolloutResult]:
        """Yield the results; the log is written before the last one is taken in as a trial.

        A step that was cut off runs again as a whole and replaces its log; invalid trials that are run
        again stand behind the first attempts.
        """
        rows: list[LoggedOutcome] = []
        for request, result in zip(requests, self._rollouts(requests), strict=True):
            rows.append(_logged(request, result))
            yield result
        if requests and requests[0].purpose != "local":
            first = requests[0]
            earlier = outcomes(self._folder, first.iteration, first.purpose) if first.attempt else []
            self._folder.write_json(_key(first.iteration, first.purpose), earlier + rows)


def outcomes(folder: RunFolder, iteration: int, purpose: str) -> list[LoggedOutcome]:
    """The log of one step, empty if nothing was logged."""
    return cast(list[LoggedOutcome], folder.read_json(_key(iteration, purpose), []))


def _logged(request: RolloutRequest, result: RolloutResult) -> LoggedOutcome:
    judged = result.outcome
    return LoggedOutcome(
        region=request.region.index,
        repeat=request.repeat,
        attempt=request.attempt,
        success=None if judged is None else bool(judged.success),
        measures={} if judged is None else dict(judged.measures),
        refusal=result.refusal,
        slow_down=result.slow_down,
    )


def _key(iteration: int, purpose: str) -> str:
    return f"iterations/{iteration}/{purpose}_outcomes.json"
