"""The bench of the visual features (GPS Table II): pose error of four ends of one convolutional network."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from statistics import mean, pstdev

from hndp_core.experiments.bench.record import BenchRecord, Target, present_commit
from hndp_core.experiments.pose import PoseSettings, render_poses
from hndp_core.experiments.pose.ends import ENDS
from hndp_core.experiments.pose.nominal_camera import nominal_camera_error_cm
from hndp_core.experiments.pose.training import PoseResult, PoseTraining, choose_learning_rate, train_end
from hndp_core.learning.optimise import TrainingProgress

SEEDS = (0, 1, 2)
SCENES: Mapping[str, PoseSettings] = {"": PoseSettings("pouring"), "scooping_": PoseSettings("scooping")}
"""Of which tasks, each at its default level, by what their figures' names begin with."""
_TARGETS_OF_ONE: Mapping[str, Target] = {
    "softmax_points_error_cm": {"at_most": 1.0},
    "softmax_points_margin_cm": {"at_least": 0.0},
}
TARGETS: dict[str, Target] = {
    prefix + name: target for prefix in SCENES for name, target in _TARGETS_OF_ONE.items()
}
"""The same of every task's scenes."""


def measure(
    data_dir: Path | None = None,
    *,
    seeds: Sequence[int] = SEEDS,
    scenes: Mapping[str, PoseSettings] = SCENES,
    training: PoseTraining | None = None,
    report: Callable[[str, str, str, TrainingProgress], None] = lambda task, end, part, progress: None,
) -> BenchRecord:
    """Train every end with every seed on the same images; errors are mean Euclidean distances on the test
    images [cm], then means over the seeds.

    `softmax_points_margin_cm` is how much smaller the error of the feature points is than the least of the
    others. `nominal_camera_error_cm` is that of somebody who knows the right pixel, but not where the camera
    stands, on the same test images.

    Args:
        data_dir: keeps images and results, so that an interrupted bench goes on; None: nothing is kept
        seeds: of first weights, minibatches and augmentation; the images are those of `scenes`
        scenes: whose images, by what the names of the figures begin with
        training: the same for all ends, but for the learning rate that each chooses
        report: told of the progress of each task's and end's trainings: "learning rate", "seed 0" and so on

    Raises:
        MissingGraphicsLibrary: no OpenGL to render with.
    """
    training = training or PoseTraining()
    figures: dict[str, float] = {}
    for prefix, settings in scenes.items():
        told = partial(report, settings.task)
        found = _figures_of(settings, seeds, training, data_dir, told)
        figures |= {prefix + name: value for name, value in found.items()}
    return BenchRecord(bench="pose", commit=present_commit(), figures=figures, targets=TARGETS)


def _figures_of(
    settings: PoseSettings,
    seeds: Sequence[int],
    training: PoseTraining,
    folder: Path | None,
    report: Callable[[str, str, TrainingProgress], None],
) -> dict[str, float]:
    train, test = (render_poses(settings, split, folder) for split in ("train", "test"))
    rates: dict[str, float] = {}
    results: dict[str, list[PoseResult]] = {}
    for end in ENDS:
        rates[end] = choose_learning_rate(
            end, training, train, folder=folder, report=partial(report, end, "learning rate")
        )
        results[end] = [
            train_end(
                end,
                training,
                rates[end],
                train,
                test,
                seed=seed,
                folder=folder,
                report=partial(report, end, f"seed {seed}"),
            )
            for seed in seeds
        ]
    return {
        **_figures(rates, results),
        "nominal_camera_error_cm": nominal_camera_error_cm(settings),
    }


def _figures(rates: Mapping[str, float], results: Mapping[str, Sequence[PoseResult]]) -> dict[str, float]:
    figures: dict[str, float] = {}
    for end, runs in results.items():
        tested = [run.test_error_cm for run in runs]
        figures |= {
            f"{end}_error_cm": mean(tested),
            f"{end}_error_deviation_cm": pstdev(tested),
            f"{end}_image_deviation_cm": mean(run.test_deviation_cm for run in runs),
            f"{end}_train_error_cm": mean(run.train_error_cm for run in runs),
            f"{end}_learning_rate": rates[end],
            f"{end}_paper_error_cm": ENDS[end].paper_error_cm,
        }
    others = [figures[f"{end}_error_cm"] for end in ENDS if end != "softmax_points"]
    return {**figures, "softmax_points_margin_cm": min(others) - figures["softmax_points_error_cm"]}
