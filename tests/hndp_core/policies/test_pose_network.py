from dataclasses import replace

import numpy as np
import pytest
import torch

from hndp_core.errors import InvalidSetting
from hndp_core.policies import EncoderConfig, PoseNetwork, prepare_images

SMALL = EncoderConfig(image_size=32, first_channels=8, second_channels=8, third_channels=8)


def spots(count: int, seed: int) -> tuple[torch.Tensor, np.ndarray]:
    """Images with one bright spot, and its position [m] on a table of 0.2 m."""
    generator = np.random.default_rng(seed)
    pixels = generator.uniform(6, 26, size=(count, 2))
    rows, columns = np.mgrid[:32, :32]
    distance = np.hypot(columns - pixels[:, :1, None], rows - pixels[:, 1:, None])
    brightness = 200 * np.exp(-((distance / 3) ** 2)) + generator.normal(30, 5, size=(count, 32, 32))
    images = np.repeat(brightness[..., None].clip(0, 255).astype(np.uint8), 3, axis=-1)
    return prepare_images(images), 0.5 + pixels / 160


def test_learns_where_the_object_is() -> None:
    images, positions = spots(64, seed=0)
    unseen, unseen_positions = spots(32, seed=1)
    network = PoseNetwork(replace(SMALL, readout=2), generator=torch.Generator().manual_seed(0))
    network.calibrate(positions)
    before = error_m(network, unseen, unseen_positions)
    optimizer = torch.optim.Adam(network.parameters(), lr=3e-3)
    for _ in range(120):
        optimizer.zero_grad()
        (network(images) - torch.tensor(positions).float()).square().mean().backward()
        optimizer.step()
    assert before > 0.03
    assert error_m(network, unseen, unseen_positions) < 0.01


def test_learns_which_class_an_image_shows() -> None:
    images, positions = spots(64, seed=0)
    unseen, unseen_positions = spots(64, seed=1)
    classes, unseen_classes = (
        np.eye(2)[(each[:, 0] > 0.6).astype(int)] for each in (positions, unseen_positions)
    )
    network = PoseNetwork(replace(SMALL, readout=2, classes=True), generator=torch.Generator().manual_seed(0))
    network.calibrate(classes)
    optimizer = torch.optim.Adam(network.parameters(), lr=3e-3)
    for _ in range(60):
        optimizer.zero_grad()
        network.error(images, torch.tensor(classes).float()).backward()
        optimizer.step()
    with torch.no_grad():
        told = network(unseen).numpy()
    np.testing.assert_allclose(told.sum(axis=1), 1.0, rtol=1e-5)
    assert (told.argmax(axis=1) == unseen_classes.argmax(axis=1)).mean() > 0.9


def test_an_encoder_that_tells_nothing_is_refused() -> None:
    with pytest.raises(InvalidSetting, match="readout"):
        PoseNetwork(SMALL, generator=torch.Generator())


def error_m(network: PoseNetwork, images: torch.Tensor, positions: np.ndarray) -> float:
    with torch.no_grad():
        return float(np.linalg.norm(network(images).numpy() - positions, axis=-1).mean())
