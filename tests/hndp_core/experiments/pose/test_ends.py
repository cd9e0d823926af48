import pytest
import torch

from hndp_core.errors import InvalidSetting
from hndp_core.experiments.pose.ends import ENDS, build_regressor, pooled_map_size
from hndp_core.policies.encoder import EncoderConfig

CONFIG = EncoderConfig(second_stride=2)


def build(end: str, seed: int = 0):
    return build_regressor(end, CONFIG, torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("end", ENDS)
def test_every_end_gives_a_position_and_teaches_all_its_layers(end: str):
    network = build(end)
    images = torch.rand(4, 3, 96, 96, generator=torch.Generator().manual_seed(1))
    positions = network(images)
    assert positions.shape == (4, 2)
    assert len(set(positions[:, 0].tolist())) == 4
    positions.square().sum().backward()
    for name, parameter in network.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.abs().max() > 0, name


def test_equal_generators_give_the_same_convolutions():
    convolutions = [
        {name: value for name, value in build(end).state_dict().items() if value.ndim == 4} for end in ENDS
    ]
    assert [len(each) for each in convolutions] == [3] * len(ENDS)
    first, *others = (torch.cat([value.flatten() for value in each.values()]) for each in convolutions)
    for other in others:
        assert torch.equal(first, other)


def test_only_the_feature_points_do_without_a_layer_over_all_pixels():
    sizes = {end: sum(each.numel() for each in build(end).parameters()) for end in ENDS}
    assert sizes["softmax_fc"] == sizes["fc"]
    assert min(sizes, key=lambda end: sizes[end]) == "softmax_points"
    assert sizes["fc"] - sizes["softmax_points"] == 32 * CONFIG.map_size**2 * 64 + 64


def test_pooling_leaves_four_pixels_of_96_and_refuses_images_it_would_swallow():
    assert pooled_map_size(CONFIG) == 4
    with pytest.raises(InvalidSetting, match="image_size"):
        pooled_map_size(EncoderConfig(image_size=64))
