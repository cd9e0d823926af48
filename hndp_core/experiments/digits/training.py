"""Training of one method with one seed."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from hndp_core.data.artefact_store import ArtefactStore
from hndp_core.errors import InvalidSetting
from hndp_core.experiments.digits.digit_set import DigitSet
from hndp_core.experiments.digits.methods import METHODS
from hndp_core.experiments.digits.network import DigitNetwork, build_network
from hndp_core.experiments.digits.yardsticks import loss_px2
from hndp_core.learning.minibatch import epoch_batch, generator_for
from hndp_core.learning.optimise import Report, constant, cosine, optimise, silent, torch_threads
from hndp_core.learning.training_checkpoint import TrainingCheckpoint, fingerprint

_EVALUATION_BATCH = 500


@dataclass(frozen=True)
class DigitTraining:
    """The same for all methods; batch and learning rate are those of the code of NDP.

    Raises:
        InvalidSetting: a value is below one.
    """

    epochs: int = 40
    batch: int = 100
    learning_rate: float = 1e-3
    threads: int = 1

    def __post_init__(self) -> None:
        for field in ("epochs", "batch", "threads"):
            if getattr(self, field) < 1:
                raise InvalidSetting(field, getattr(self, field), "use at least 1")


@dataclass(frozen=True)
class DigitResult:
    """Losses in px^2, see `loss_px2`."""

    train_loss: float
    test_loss: float


def train_method(
    name: str,
    training: DigitTraining,
    train: DigitSet,
    test: DigitSet,
    *,
    seed: int,
    folder: Path | None = None,
    report: Report = silent,
) -> DigitResult:
    """Train and test; with a folder, an interrupted training goes on, and a finished one is read from there.

    Raises:
        CheckpointError: the folder holds an unfinished training of other settings or digits.
    """
    purpose = fingerprint(
        name, json.dumps(asdict(training)), seed, train.images, train.trajectories, test.trajectories
    )
    result_file = f"{name}_seed{seed}_{purpose[:12]}.json"
    if folder is not None and (folder / result_file).exists():
        return DigitResult(**json.loads((folder / result_file).read_text()))
    checkpoint = TrainingCheckpoint(folder and folder / f"{name}_seed{seed}.safetensors", purpose)
    with torch_threads(training.threads):
        network = _trained(name, training, train, seed, checkpoint, report)
        result = DigitResult(
            train_loss=loss_px2(predict(network, train), train.trajectories),
            test_loss=loss_px2(predict(network, test), test.trajectories),
        )
    if folder is not None:
        ArtefactStore(folder).write(result_file, json.dumps(asdict(result)).encode())
    checkpoint.remove()
    return result


def predict(network: DigitNetwork, digits: DigitSet) -> Float[np.ndarray, "digit 301 2"]:
    """Motions [px] with the true start in front."""
    images, starts, _ = _tensors(digits)
    with torch.no_grad():
        moved = [
            network(_shown(images[rows]), starts[rows])
            for rows in torch.arange(len(digits)).split(_EVALUATION_BATCH)
        ]
    return torch.cat([starts.unsqueeze(1), torch.cat(moved)], dim=1).numpy()


def _trained(
    name: str,
    training: DigitTraining,
    train: DigitSet,
    seed: int,
    checkpoint: TrainingCheckpoint,
    report: Report,
) -> DigitNetwork:
    method = METHODS[name]
    head = method.head()
    head.calibrate(*_demonstrations(train))
    network = build_network(method.recipe, head, generator_for(seed, "digits", "network"))
    batches_per_epoch = max(1, len(train) // training.batch)
    optimise(
        network,
        _step_losses(network, train, training.batch, seed),
        steps=training.epochs * batches_per_epoch,
        learning_rate=training.learning_rate,
        schedule=constant if method.recipe == "authors" else cosine,
        checkpoint=checkpoint,
        report=report,
        checkpoint_every=batches_per_epoch,
    )
    return network


def _step_losses(
    network: DigitNetwork, train: DigitSet, batch: int, seed: int
) -> Callable[[int], dict[str, Tensor]]:
    images, starts, _ = _tensors(train)
    head = network.head
    targets = head.targets(*_demonstrations(train))

    def losses(step: int) -> dict[str, Tensor]:
        rows = epoch_batch(len(train), batch, step, seed)
        outputs = network.outputs(_shown(images[rows]))
        return {"loss": head.residuals(outputs, starts[rows], targets[rows]).square().mean()}

    return losses


def _demonstrations(digits: DigitSet) -> tuple[np.ndarray, np.ndarray]:
    motions = digits.trajectories.astype(np.float64)
    return motions[:, 0], motions[:, 1:]


def _tensors(digits: DigitSet) -> tuple[Tensor, Tensor, Tensor]:
    motions = torch.from_numpy(digits.trajectories)
    return torch.from_numpy(digits.images), motions[:, 0], motions[:, 1:]


def _shown(images: Tensor) -> Tensor:
    return images.float() / 255.0
