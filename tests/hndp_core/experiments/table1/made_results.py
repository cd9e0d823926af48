"""Results of runs that nobody ran."""

from collections.abc import Sequence

from hndp_core.evaluation.success_rate import SuccessRate
from hndp_core.experiments.outcome_log import LoggedOutcome
from hndp_core.experiments.table1.motion_facts import LocalFacts, MotionFacts
from hndp_core.experiments.table1.planned_run import PlannedRun
from hndp_core.experiments.table1.rows import get_row
from hndp_core.experiments.table1.run_result import RunResult


def result(
    row: str,
    held_out: Sequence[bool],
    *,
    task: str = "scooping@clean",
    layout_seed: int = 0,
    seed: int = 0,
    train: int = 2,
    jobs: int = 1,
    run_s: float = 60.0,
) -> RunResult:
    """A run whose held-out trials ended so, in regions 1, 2, ...; every iteration alike."""
    iterations = get_row(row).iterations
    outcomes = [
        LoggedOutcome(
            region=number,
            repeat=0,
            attempt=0,
            success=success,
            measures={"almonds": 3.0},
            refusal=None,
            slow_down=1.0,
        )
        for number, success in enumerate(held_out, start=1)
    ]
    curve = {"region": 1, "joint": 2, "demonstration": [0.0, 0.1], "local": [0.0, 0.2]}
    local = LocalFacts((10.0, 20.0), (8.0, 12.0), (0.001, 0.003), (curve, {**curve, "joint": 4}))
    return RunResult(
        run=PlannedRun(task, row, layout_seed, seed),
        commit="abc",
        machine="a computer",
        date=f"2026-01-0{1 + seed}T00:00:00+00:00",
        jobs=jobs,
        settings={},
        train=(SuccessRate(train, 2),) * iterations,
        held_out=(SuccessRate(sum(held_out), len(held_out)),) * iterations,
        open_gates=(train,) * iterations,
        outcomes=tuple(outcomes),
        seconds={"run": run_s, "demonstrations": 30.0, "pretraining": 120.0},
        motion=MotionFacts(
            squared_jerk=(5.0,) * len(held_out), slow_downs=(1.0, 2.0, 9.0, None)[: len(held_out)]
        ),
        local=local if row.startswith(("hndp", "gps")) else None,
    )
