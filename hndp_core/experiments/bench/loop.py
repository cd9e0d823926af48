"""The bench of the whole loop: success in held-out regions, and what training and inference cost."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import mean
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from hndp_core.evaluation.success_rate import SuccessRate
from hndp_core.experiments.bench.inference import inference_ms
from hndp_core.experiments.bench.local_speedup import measure_local_speedup
from hndp_core.experiments.bench.record import BenchRecord, Target, present_commit
from hndp_core.experiments.bench.training_memory import training_peak_mb
from hndp_core.experiments.headless_run import HeadlessRun, run
from hndp_core.hierarchy.datasets import DemonstrationSet
from hndp_core.hierarchy.steps import StepProgress
from hndp_core.policies.checkpoint import load_checkpoint
from hndp_core.policies.contracts import GlobalPolicy

SEEDS = (0, 1, 2)
TARGETS: dict[str, Target] = {
    "held_out_successes": {"at_least": 27},
    "iteration_train_seconds": {"at_most": 90},
    "stacked_local_speedup": {"at_least": 6},
    "inference_p99_ms": {"at_most": 20},
    "training_peak_memory_mb": {"at_most": 2048},
}


def measure(
    data_dir: Path | None = None,
    *,
    seeds: Sequence[int] = SEEDS,
    settings: HeadlessRun | None = None,
    extra_figures: Mapping[str, float] | None = None,
    extra_targets: Mapping[str, Target] | None = None,
    report: Callable[[int, StepProgress], None] = lambda seed, progress: None,
) -> BenchRecord:
    """Run the loop once for each seed, then time local training and inference on what it made, and see how
    much memory training takes.

    Args:
        data_dir: keeps the runs, so that an interrupted bench goes on; None: a temporary folder
        seeds: of the runs
        settings: of every run, but for its seed; default: the default layout and settings
        extra_figures: measured elsewhere, such as in a browser
        extra_targets: their targets
        report: told of the progress of each seed's run
    """
    if data_dir is None:
        with TemporaryDirectory(prefix="hndp-bench-loop-") as folder:
            return measure(
                Path(folder),
                seeds=seeds,
                settings=settings,
                extra_figures=extra_figures,
                extra_targets=extra_targets,
                report=report,
            )
    settings = settings or HeadlessRun()
    results = []
    for seed in seeds:
        own = HeadlessRun(**{**vars(settings), "seed": seed})
        results.append(run(own, data_dir / f"seed_{seed}", report=lambda step, seed=seed: report(seed, step)))
    figures = {**_success_figures(results), **_cost_figures(settings, data_dir / f"seed_{seeds[0]}")}
    return BenchRecord(
        bench="loop",
        commit=present_commit(),
        figures={**figures, **(extra_figures or {})},
        targets={**TARGETS, **(extra_targets or {})},
    )


def _success_figures(results: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    last = [result["iterations"][-1]["held_out"] for result in results]
    held_out = SuccessRate(sum(each["successes"] for each in last), sum(each["trials"] for each in last))
    low, high = held_out.interval()
    iterations = [iteration["seconds"] for result in results for iteration in result["iterations"]]
    figures: dict[str, float] = {
        "held_out_successes": held_out.successes,
        "held_out_trials": held_out.trials,
        "held_out_interval_low": low,
        "held_out_interval_high": high,
        "iteration_train_seconds": mean(
            seconds["local_training"] + seconds["global_training"] for seconds in iterations
        ),
    }
    pretraining = [seconds["pretraining"] for seconds in iterations if "pretraining" in seconds]
    return {**figures, **({"pretraining_seconds": mean(pretraining)} if pretraining else {})}


def _cost_figures(settings: HeadlessRun, folder: Path) -> dict[str, float]:
    demonstrations = DemonstrationSet.from_bytes((folder / "demonstrations.npz").read_bytes())
    speedup = measure_local_speedup(settings.config, demonstrations)
    last = folder / "iterations" / str(settings.config.iterations) / "global_training.safetensors"
    policy = load_checkpoint(last)
    assert isinstance(policy, GlobalPolicy), last
    times = inference_ms(policy, demonstrations.images[0], demonstrations.starts[0])
    return {
        "stacked_local_speedup": speedup.factor,
        "stacked_local_seconds": speedup.stacked_s,
        "stacked_local_difference_rad": speedup.difference_rad,
        "inference_p99_ms": float(np.percentile(times, 99)),
        "training_peak_memory_mb": training_peak_mb(settings.task, settings.config),
    }
