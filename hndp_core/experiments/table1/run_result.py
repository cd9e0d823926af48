"""What one run came to, in one small file: what stays when images and policies are gone."""

import json
from dataclasses import asdict, dataclass
from typing import Any, Self

from hndp_core.errors import HndpError
from hndp_core.evaluation.success_rate import SuccessRate
from hndp_core.experiments.outcome_log import LoggedOutcome
from hndp_core.experiments.table1.motion_facts import LocalFacts, MotionFacts
from hndp_core.experiments.table1.planned_run import PlannedRun


@dataclass(frozen=True)
class RunResult:
    """One run's figures.

    Attributes:
        run: which
        commit: of the code that ran last
        machine: on which, in words
        date: of the end, in UTC
        jobs: that ran at the same time
        settings: all that the run depends on, as `HeadlessRun` names it
        train: successes of the gate trials, by iteration
        held_out: successes of the held-out trials, by iteration
        open_gates: by iteration
        outcomes: of the last iteration's held-out trials, with the physics' measures
        seconds: wall time by iteration and step; "run" the whole, "demonstrations" and "pretraining" the
            material that it shares with other rows
        motion: of the last iteration's held-out trials
        local: of the first iteration's local policies; None for a method without
    """

    run: PlannedRun
    commit: str
    machine: str
    date: str
    jobs: int
    settings: dict[str, Any]
    train: tuple[SuccessRate, ...]
    held_out: tuple[SuccessRate, ...]
    open_gates: tuple[int, ...]
    outcomes: tuple[LoggedOutcome, ...]
    seconds: dict[str, float]
    motion: MotionFacts
    local: LocalFacts | None

    def successes_by_region(self) -> dict[int, bool]:
        """How the last iteration's held-out trial of each region ended: refused and failed alike False."""
        return {each["region"]: bool(each["success"]) for each in self.outcomes}

    def to_json(self) -> str:
        """The result, one field a line: a table of them stays small and can still be compared by line."""
        fields = (f"{json.dumps(name)}: {json.dumps(value)}" for name, value in asdict(self).items())
        return "{" + ",\n".join(fields) + "}\n"

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The inverse of `to_json`.

        Raises:
            HndpError: for text that is no such result.
        """
        try:
            values = json.loads(text)
            motion, local = values.pop("motion"), values.pop("local")
            return cls(
                run=PlannedRun(**values.pop("run")),
                train=tuple(SuccessRate(**each) for each in values.pop("train")),
                held_out=tuple(SuccessRate(**each) for each in values.pop("held_out")),
                open_gates=tuple(values.pop("open_gates")),
                outcomes=tuple(values.pop("outcomes")),
                motion=MotionFacts(tuple(motion["squared_jerk"]), tuple(motion["slow_downs"])),
                local=None if local is None else LocalFacts(**{name: tuple(local[name]) for name in local}),
                **values,
            )
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise HndpError(
                f"This is no result of a run ({error!r}): remove the file and run again."
            ) from error
