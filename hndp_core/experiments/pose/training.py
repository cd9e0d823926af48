"""Training of one end with one seed, and the choice of its learning rate."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float64
from torch import Tensor

from hndp_core.data.artefact_store import ArtefactStore
from hndp_core.errors import InvalidSetting
from hndp_core.experiments.pose.ends import PoseRegressor, build_regressor
from hndp_core.experiments.pose.pose_set import PoseSet
from hndp_core.hierarchy.config import RefinementConfig
from hndp_core.hierarchy.pretraining import augmentation, encoder_config
from hndp_core.learning.minibatch import epoch_batch, generator_for
from hndp_core.learning.optimise import Report, optimise, silent, torch_threads
from hndp_core.learning.training_checkpoint import TrainingCheckpoint, fingerprint
from hndp_core.policies.encoder import prepare_images

_LEAST_POSITION_SCALE_M = 0.01
_EVALUATION_BATCH = 100
_TUNING_SEED = 1000
"""No seed that anyone reports."""
_TUNING_SHARE = 0.2
"""Part of the train images that a learning rate is judged on."""


@dataclass(frozen=True)
class PoseTraining:
    """The same for all ends; convolutions, batch and augmentation are those of the studio's pretraining.

    Attributes:
        steps: minibatch Adam steps of a training
        tuning_steps: of a training that judges a learning rate
        learning_rates: those that each end chooses from
        threads: CPU threads

    Raises:
        InvalidSetting: a number below 1, or no learning rate.
    """

    steps: int = 1800
    tuning_steps: int = 300
    learning_rates: tuple[float, ...] = (3e-4, 1e-3, 3e-3, 1e-2, 3e-2)
    threads: int = 1

    def __post_init__(self) -> None:
        for field in ("steps", "tuning_steps", "threads"):
            if getattr(self, field) < 1:
                raise InvalidSetting(field, getattr(self, field), "use at least 1")
        if not self.learning_rates:
            raise InvalidSetting("learning_rates", self.learning_rates, "give at least one")


@dataclass(frozen=True)
class PoseResult:
    """Euclidean distances to the exact positions [cm]: means, and the deviation over test images."""

    train_error_cm: float
    test_error_cm: float
    test_deviation_cm: float


def choose_learning_rate(
    end: str, training: PoseTraining, train: PoseSet, *, folder: Path | None = None, report: Report = silent
) -> float:
    """The learning rate of least error on a fifth of the train images, after short trainings on the others.

    That error is against approximate positions: neither test images nor exact positions have a say.
    """
    kept = len(train) - max(1, round(_TUNING_SHARE * len(train)))
    shown, judged = train.part(slice(0, kept)), train.part(slice(kept, None))

    def error_m(rate: float) -> float:
        network = _trained(end, training, shown, training.tuning_steps, rate, _TUNING_SEED, report)
        return float(_distances(network, judged, judged.approximate_m).mean())

    purpose = fingerprint("tuning", end, json.dumps(asdict(training)), train.images, train.approximate_m)

    def judge() -> dict[str, float]:
        with torch_threads(training.threads):
            return {str(rate): error_m(rate) for rate in training.learning_rates}

    errors = _kept_or_made(folder, f"{end}_tuning_{purpose[:12]}.json", judge)
    return float(min(errors, key=lambda rate: errors[rate]))


def train_end(
    end: str,
    training: PoseTraining,
    learning_rate: float,
    train: PoseSet,
    test: PoseSet,
    *,
    seed: int,
    folder: Path | None = None,
    report: Report = silent,
) -> PoseResult:
    """Train on approximate positions, measure against exact ones; a finished training is read from the
    folder.
    """
    purpose = fingerprint(
        end,
        json.dumps(asdict(training)),
        str(learning_rate),
        seed,
        train.images,
        train.approximate_m,
        test.images,
        test.exact_m,
    )

    def measure() -> dict[str, float]:
        with torch_threads(training.threads):
            network = _trained(end, training, train, training.steps, learning_rate, seed, report)
            seen, tested = (100 * _distances(network, each, each.exact_m) for each in (train, test))
        return asdict(PoseResult(float(seen.mean()), float(tested.mean()), float(tested.std())))

    return PoseResult(**_kept_or_made(folder, f"{end}_seed{seed}_{purpose[:12]}.json", measure))


def _kept_or_made(folder: Path | None, key: str, make: Callable[[], dict[str, float]]) -> dict[str, float]:
    if folder is not None and (folder / key).exists():
        return json.loads((folder / key).read_text())
    made = make()
    if folder is not None:
        ArtefactStore(folder).write(key, json.dumps(made).encode())
    return made


def _trained(
    end: str,
    training: PoseTraining,
    train: PoseSet,
    steps: int,
    learning_rate: float,
    seed: int,
    report: Report,
) -> PoseRegressor:
    studio = RefinementConfig()
    network = build_regressor(
        end, encoder_config(studio, train.images.shape[1]), generator_for(seed, "pose", "first weights")
    )
    network.scaled.calibrate(train.approximate_m, _LEAST_POSITION_SCALE_M)
    wanted = torch.as_tensor(train.approximate_m, dtype=torch.float32)
    scale, augment = network.scaled.scale.float(), augmentation(studio)

    def losses(step: int) -> dict[str, Tensor]:
        rows = epoch_batch(len(train), studio.batch_size, step, seed)
        shown = augment(prepare_images(train.images[rows.numpy()]), generator_for(seed, "augmentation", step))
        return {"pose": ((network(shown) - wanted[rows]) / scale).square().mean()}

    optimise(
        network,
        losses,
        steps=steps,
        learning_rate=learning_rate,
        checkpoint=TrainingCheckpoint(None, ""),
        report=report,
    )
    return network


def _distances(
    network: PoseRegressor, samples: PoseSet, positions_m: Float64[np.ndarray, "sample 2"]
) -> Float64[np.ndarray, " sample"]:
    batches = range(0, len(samples), _EVALUATION_BATCH)
    with torch.no_grad():
        found = [
            network(prepare_images(samples.images[first : first + _EVALUATION_BATCH])) for first in batches
        ]
    return np.linalg.norm(torch.cat(found).double().numpy() - positions_m, axis=1)
