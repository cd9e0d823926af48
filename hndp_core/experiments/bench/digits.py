"""The bench of the planar digits (NDP Sec. 5.1, Table 2): losses of six methods, and what a step costs."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import mean, pstdev

import torch
from torch import Tensor

from hndp_core.experiments.bench.record import BenchRecord, Target, present_commit
from hndp_core.experiments.bench.side_by_side import side_by_side
from hndp_core.experiments.digits import DigitSet, DigitSettings, generate_digits
from hndp_core.experiments.digits.methods import GOAL_SCALED, METHODS, UNSCALED
from hndp_core.experiments.digits.network import build_network
from hndp_core.experiments.digits.training import DigitResult, DigitTraining, train_method
from hndp_core.experiments.digits.yardsticks import basis_bound, class_mean_from_start_loss, class_mean_loss
from hndp_core.learning.optimise import TrainingProgress, torch_threads
from hndp_core.motion import AUTHORS_START_VELOCITY, AuthorsHead, DmpConfig, DmpLayer, euler_rollout

SEEDS = (0, 1, 2)
YARDSTICK_BASES = (10, 20, 30)
ROUNDS, TURN_S = 20, 0.2
TARGETS: dict[str, Target] = {
    "test_loss_ratio_to_authors": {"at_most": 0.25},
    "test_loss_ratio_to_points_cnn": {"at_most": 1.05},
    "batch_speedup_to_authors": {"at_least": 3.5},
}


def measure(
    data_dir: Path | None = None,
    *,
    seeds: Sequence[int] = SEEDS,
    settings: DigitSettings | None = None,
    training: DigitTraining | None = None,
    rounds: int = ROUNDS,
    report: Callable[[str, int, TrainingProgress], None] = lambda method, seed, progress: None,
) -> BenchRecord:
    """Train every method with every seed on the same digits; losses in px^2 are means over the seeds.

    Args:
        data_dir: keeps the trainings, so that an interrupted bench goes on; None: nothing is kept
        seeds: of first weights and minibatches; the digits are those of `settings`
        settings: of the digits; default: 10,000 to train on, 2,000 to test
        training: the same for all methods
        rounds: of timing
        report: told of the progress of each method's and seed's training
    """
    settings, training = settings or DigitSettings(), training or DigitTraining()
    train, test = generate_digits(settings, "train"), generate_digits(settings, "test")
    results = {
        method: [
            train_method(
                method,
                training,
                train,
                test,
                seed=seed,
                folder=data_dir,
                report=lambda progress, method=method, seed=seed: report(method, seed, progress),
            )
            for seed in seeds
        ]
        for method in METHODS
    }
    losses = _loss_figures(results)
    return BenchRecord(
        bench="digits",
        commit=present_commit(),
        figures={
            **_yardsticks(train, test),
            **losses,
            "test_loss_ratio_to_authors": losses["ndp_test_loss"] / losses["ndp_authors_test_loss"],
            "test_loss_ratio_to_points_cnn": losses["ndp_test_loss"] / losses["cnn_test_loss"],
            **_batch_times(training.batch, rounds),
        },
        targets=TARGETS,
    )


def _yardsticks(train: DigitSet, test: DigitSet) -> dict[str, float]:
    bounds = {
        f"least_squares_bound_{basis}": basis_bound(
            DmpConfig(dof=2, basis=basis, rollout_length=UNSCALED.rollout_length), test
        )
        for basis in YARDSTICK_BASES
    }
    return {
        "class_mean_loss": class_mean_loss(train, test),
        "class_mean_from_start_loss": class_mean_from_start_loss(train, test),
        **bounds,
    }


def _loss_figures(results: Mapping[str, Sequence[DigitResult]]) -> dict[str, float]:
    figures: dict[str, float] = {}
    for method, runs in results.items():
        tested = [run.test_loss for run in runs]
        figures |= {
            f"{method}_test_loss": mean(tested),
            f"{method}_test_loss_deviation": pstdev(tested),
            f"{method}_train_loss": mean(run.train_loss for run in runs),
        }
    return figures


def _batch_times(batch: int, rounds: int) -> dict[str, float]:
    """Forward and backward of network and layer; the authors' layer unrolls its steps, as their code does.

    The unrolled layer is this project's reference, which evaluates the radial functions of all steps at once.
    All arrays lie contiguously in memory: the unrolled layer would copy others at every step.
    """
    generator = torch.Generator().manual_seed(0)
    images = torch.rand(batch, 1, 40, 40, generator=generator)
    starts = 40 * torch.rand(batch, 2, generator=generator)
    theirs = AuthorsHead(GOAL_SCALED)
    authors = build_network("authors", theirs, generator)
    own = build_network("conditioned", DmpLayer(UNSCALED), generator)

    def unrolled() -> Tensor:
        weights, goal = (each.contiguous() for each in theirs.parameters_of(authors.body(images)))
        velocity = torch.full_like(starts, AUTHORS_START_VELOCITY)
        return euler_rollout(GOAL_SCALED, weights, goal, starts, velocity)

    ways = {
        "authors": lambda: unrolled().square().mean().backward(),
        "ndp": lambda: own.head(own.body(images), starts).square().mean().backward(),
    }
    with torch_threads(1):
        times = side_by_side(ways, rounds=rounds, turn_s=TURN_S)
    figures = {f"{name}_batch_ms": 1e3 * timing.least_s for name, timing in times.items()}
    return {**figures, "batch_speedup_to_authors": times["authors"].least_s / times["ndp"].least_s}
