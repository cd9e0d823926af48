"""Pose pretraining: basic visual features from images with approximate poses (H-NDP Sec. IV-C)."""

from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from hndp_core.errors import ShapeMismatch
from hndp_core.hierarchy.config import RefinementConfig
from hndp_core.learning.augmentation import Augmentation
from hndp_core.learning.device import training_device
from hndp_core.learning.minibatch import epoch_batch, generator_for
from hndp_core.learning.optimise import Report, optimise, silent, torch_threads
from hndp_core.learning.training_checkpoint import TrainingCheckpoint, fingerprint
from hndp_core.policies.encoder import EncoderConfig, prepare_images
from hndp_core.policies.pose_network import PoseNetwork


def encoder_config(
    config: RefinementConfig, image_size: int, *, readout: int = 0, classes: bool = False
) -> EncoderConfig:
    """The convolutions that the settings ask for, with so many numbers or classes read off them."""
    return EncoderConfig(
        image_size=image_size,
        first_channels=config.first_channels,
        second_channels=config.second_channels,
        third_channels=config.third_channels,
        second_stride=config.second_stride,
        readout=readout,
        classes=classes,
    )


def augmentation(config: RefinementConfig) -> Augmentation:
    """The random changes of images that the settings ask for."""
    return Augmentation(
        config.augment_light, config.augment_colour, config.augment_shift_px, config.augment_noise
    )


def pretrain_encoder(
    config: RefinementConfig,
    images: UInt8[np.ndarray, "image height width 3"],
    positions: Float[np.ndarray, "position coordinate"],
    *,
    seed: int,
    device: str = "cpu",
    checkpoint: Path | None = None,
    report: Report = silent,
) -> PoseNetwork:
    """Train the convolutions to tell where the object is.

    Args:
        config: settings
        images: of the start of rollouts
        positions: one an image, approximate [m]; or a 1 in the column of the class that the image shows
        seed: draws first weights, minibatches and augmentation
        device: where it is computed, "cpu" or "cuda"; the network comes back on the CPU
        checkpoint: file of a training that can be resumed at the same bits; None keeps nothing
        report: told of the progress

    Raises:
        ShapeMismatch: unless there is one position an image.
        InvalidSetting: no such device here.
    """
    if len(images) != len(positions) or not len(images):
        raise ShapeMismatch(
            "positions", positions.shape, f"one row for each of {len(images)} images, at least 1"
        )
    network = PoseNetwork(
        encoder_config(config, images.shape[1], readout=positions.shape[1], classes=_tell_classes(positions)),
        generator=generator_for(seed, "first weights"),
    )
    network.calibrate(positions)
    where = training_device(device)
    network.to(where)
    wanted = torch.as_tensor(positions, dtype=torch.float32).to(where)
    augment = augmentation(config)

    def losses(step: int) -> dict[str, Tensor]:
        rows = epoch_batch(len(images), config.batch_size, step, seed)
        shown = augment(
            prepare_images(images[rows.numpy()]).to(where), generator_for(seed, "augmentation", step)
        )
        return {"pose": network.error(shown, wanted[rows.to(where)])}

    purpose = fingerprint("pretraining", config.to_json(), seed, images, positions)
    with torch_threads(config.threads):
        optimise(
            network,
            losses,
            steps=config.pretrain_steps,
            learning_rate=config.pretrain_learning_rate,
            checkpoint=TrainingCheckpoint(checkpoint, purpose),
            report=report,
        )
    return network.cpu()


def _tell_classes(positions: Float[np.ndarray, "position coordinate"]) -> bool:
    """Whether each row is a 1 among zeros: a class, and no place."""
    return positions.shape[1] > 1 and bool(
        np.isin(positions, (0.0, 1.0)).all() and (positions.sum(axis=1) == 1.0).all()
    )
