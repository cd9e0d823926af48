"""Run one row of the table, and write down what came of it."""

import time

from hndp_core.data.artefact_store import ArtefactStore
from hndp_core.evaluation.success_rate import SuccessRate
from hndp_core.experiments import headless_run
from hndp_core.experiments.bench.record import present_commit
from hndp_core.experiments.headless_run import DEMONSTRATIONS_FILE
from hndp_core.experiments.machine import Machine, present_time
from hndp_core.experiments.outcome_log import outcomes
from hndp_core.experiments.table1.job import Job
from hndp_core.experiments.table1.material import seconds_of
from hndp_core.experiments.table1.motion_facts import LocalFacts, local_facts, motion_facts
from hndp_core.experiments.table1.run_result import RunResult
from hndp_core.hierarchy.datasets import DemonstrationSet, TrialSet
from hndp_core.hierarchy.methods import get_method
from hndp_core.hierarchy.run_folder import RunFolder
from hndp_core.policies.checkpoint import load_checkpoint
from hndp_core.policies.contracts import LocalPolicies
from hndp_core.tasks import get_task

MADE_KEYS = {
    "demonstrations": DEMONSTRATIONS_FILE,
    "pretraining": "iterations/1/pretraining.safetensors",
}
"""Under which keys a run's folder takes over what rows share."""


def run_row(job: Job) -> None:
    """Run, or go on; then write the result, whole or not at all.

    The wall time of a run that was interrupted is the sum of its steps.
    """
    settings = job.run.settings(job.conditions)
    made = {MADE_KEYS[each.part]: each.done_file for each in job.needs()}
    began_s = time.monotonic()
    reached = headless_run.run(settings, job.run_folder, processes=1, made=made)
    steps = sum(sum(row["seconds"].values()) for row in reached["iterations"])
    seconds = {"run": round(max(time.monotonic() - began_s, steps), 3)}
    seconds |= {each.part: seconds_of(each.done_file) for each in job.needs()}
    key = job.done_file.relative_to(job.out).as_posix()
    ArtefactStore(job.out).write(key, _result(job, reached, seconds).to_json().encode())


def _result(job: Job, reached: dict, seconds: dict[str, float]) -> RunResult:
    settings, folder = job.run.settings(job.conditions), RunFolder(job.run_folder)
    last = settings.config.iterations
    trials = TrialSet.from_bytes(folder.file(f"iterations/{last}/held_out_trials.npz").read_bytes())
    rate_hz = get_task(job.run.task).control_rate_hz
    rows = reached["iterations"]
    return RunResult(
        run=job.run,
        commit=present_commit(),
        machine=str(Machine.present()),
        date=present_time(),
        jobs=job.jobs,
        settings=settings.as_dict(),
        train=tuple(_rate(row["train"]) for row in rows),
        held_out=tuple(_rate(row["held_out"]) for row in rows),
        open_gates=tuple(row["open_gates"] for row in rows),
        outcomes=tuple(outcomes(folder, last, "held_out")),
        seconds={
            **seconds,
            **{f"{row['iteration']}/{step}": took for row in rows for step, took in row["seconds"].items()},
        },
        motion=motion_facts(trials, rate_hz),
        local=_local(job, folder, rate_hz),
    )


def _local(job: Job, folder: RunFolder, rate_hz: float) -> LocalFacts | None:
    if not get_method(job.run.settings(job.conditions).config.method).local_to_global:
        return None
    local = load_checkpoint(folder.file("iterations/1/local_training.safetensors"))
    assert isinstance(local, LocalPolicies), local.kind
    shown = DemonstrationSet.from_bytes(folder.file(DEMONSTRATIONS_FILE).read_bytes())
    return local_facts(shown, local.plan, rate_hz)


def _rate(row: dict) -> SuccessRate:
    return SuccessRate(row["successes"], row["trials"])
