import torch

from hndp_core.learning.augmentation import Augmentation
from hndp_core.learning.minibatch import generator_for

IMAGES = torch.rand(4, 3, 16, 16, generator=torch.Generator().manual_seed(0))


def test_the_same_generator_state_gives_the_same_bits():
    augment = Augmentation(light=0.2, colour=0.1, shift_px=1.5, noise=0.02)
    first, again = (augment(IMAGES, generator_for(1, "step", 0)) for _ in range(2))
    assert torch.equal(first, again)
    assert not torch.equal(first, augment(IMAGES, generator_for(1, "step", 1)))
    assert first.min() >= 0.0
    assert first.max() <= 1.0


def test_no_augmentation_changes_nothing():
    assert torch.equal(Augmentation(0.0, 0.0, 0.0, 0.0)(IMAGES, generator_for(0)), IMAGES)


def test_a_shift_moves_the_image_by_at_most_its_bound():
    spot = torch.zeros(64, 3, 17, 17)
    spot[:, :, 8, 8] = 1.0
    moved = Augmentation(0.0, 0.0, 2.0, 0.0)(spot, generator_for(3))
    columns = torch.arange(17.0)
    centre = (moved.sum(dim=(1, 2)) * columns).sum(1) / moved.sum(dim=(1, 2, 3)) - 8.0
    assert centre.abs().max() <= 2.0 + 1e-4
    assert centre.std() > 0.5
