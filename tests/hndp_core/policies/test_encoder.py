from dataclasses import replace

import numpy as np
import pytest
import torch

from hndp_core.errors import InvalidSetting
from hndp_core.policies import EncoderConfig, SpatialSoftmaxEncoder, prepare_images


@pytest.mark.parametrize(
    "config",
    [
        EncoderConfig(),
        EncoderConfig(second_stride=2),
        EncoderConfig(image_size=64, first_channels=4, second_channels=6, third_channels=8),
    ],
)
def test_two_features_for_each_map_within_the_image(config: EncoderConfig) -> None:
    encoder = SpatialSoftmaxEncoder(config, generator=torch.Generator().manual_seed(0))
    size = config.image_size
    images = torch.rand(2, 3, size, size, generator=torch.Generator().manual_seed(1))
    features = encoder(images)
    assert features.shape == (2, 2 * config.third_channels)
    assert features.abs().max() <= 1.0


def test_map_size_of_the_default() -> None:
    assert EncoderConfig().map_size == 37


def test_moving_the_picture_moves_the_features() -> None:
    encoder = SpatialSoftmaxEncoder(EncoderConfig(), generator=torch.Generator().manual_seed(0))
    images = np.zeros((2, 96, 96, 3), dtype=np.uint8)
    images[0, 30:40, 30:40] = 255
    images[1, 30:40, 50:60] = 255
    left, right = encoder(prepare_images(images)).detach().unflatten(-1, (-1, 2))
    moved = right - left
    assert float(moved[:, 0].abs().max()) > 1e-3
    torch.testing.assert_close(moved[:, 1], torch.zeros(32), atol=1e-4, rtol=0)


def test_camera_bytes_become_shares_of_white_channels_first() -> None:
    images = np.zeros((1, 4, 5, 3), dtype=np.uint8)
    images[0, 1, 2] = (255, 51, 0)
    found = prepare_images(images)
    assert found.shape == (1, 3, 4, 5)
    torch.testing.assert_close(found[0, :, 1, 2], torch.tensor([1.0, 0.2, 0.0]))


@pytest.mark.parametrize(
    ("field", "value"), [("image_size", 16), ("third_channels", 0), ("second_stride", 0)]
)
def test_refuses_an_architecture_without_pixels_or_maps(field: str, value: int) -> None:
    with pytest.raises(InvalidSetting, match=field):
        EncoderConfig(**{field: value})  # type: ignore[arg-type]


def test_a_readout_takes_the_place_of_the_feature_points() -> None:
    config = EncoderConfig(image_size=32, first_channels=4, second_channels=4, third_channels=4)
    plain = SpatialSoftmaxEncoder(config, generator=torch.Generator().manual_seed(0))
    reading = SpatialSoftmaxEncoder(replace(config, readout=3), generator=torch.Generator().manual_seed(0))
    images = torch.rand(2, 3, 32, 32, generator=torch.Generator().manual_seed(1))
    assert (config.features, reading.config.features) == (8, 3)
    torch.testing.assert_close(reading(images), reading.readout(plain(images)))


def test_a_readout_of_less_than_nothing_is_refused() -> None:
    with pytest.raises(InvalidSetting, match="readout"):
        EncoderConfig(readout=-1)


def test_a_readout_of_classes_is_a_probability_each() -> None:
    config = EncoderConfig(32, 4, 4, 4, readout=3, classes=True)
    encoder = SpatialSoftmaxEncoder(config, generator=torch.Generator().manual_seed(0))
    images = torch.rand(2, 3, 32, 32, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(encoder(images), encoder.scores(images).softmax(dim=-1))
    with pytest.raises(InvalidSetting, match="2 or more classes"):
        EncoderConfig(readout=1, classes=True)
