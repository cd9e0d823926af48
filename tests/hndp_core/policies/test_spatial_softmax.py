import torch

from hndp_core.policies import pixel_grid, spatial_softmax


def test_a_bright_pixel_is_where_it_is() -> None:
    maps = torch.zeros(1, 2, 5, 9)
    maps[0, 0, 0, 8] = 50.0
    maps[0, 1, 4, 2] = 50.0
    found = spatial_softmax(maps, pixel_grid(5, 9))
    torch.testing.assert_close(found, torch.tensor([[[1.0, -1.0], [-0.5, 1.0]]]))


def test_an_even_map_points_at_the_centre() -> None:
    found = spatial_softmax(torch.ones(2, 3, 6, 6), pixel_grid(6, 6))
    torch.testing.assert_close(found, torch.zeros(2, 3, 2))


def test_equals_the_sum_over_pixels() -> None:
    maps = torch.randn(2, 3, 4, 5, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    shares = maps.exp() / maps.exp().sum(dim=(2, 3), keepdim=True)
    x = (shares * torch.linspace(-1, 1, 5)).sum(dim=(2, 3))
    y = (shares * torch.linspace(-1, 1, 4)[:, None]).sum(dim=(2, 3))
    torch.testing.assert_close(spatial_softmax(maps, pixel_grid(4, 5)), torch.stack([x, y], dim=-1))
