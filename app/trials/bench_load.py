"""`python -m app.trials.bench_load`: a training that keeps one core busy until it is stopped."""

import torch
from torch import nn

BATCH, IMAGE_SIZE, OUTPUTS = 18, 96, 7 * 31


def train_for_ever() -> None:
    """Fit a network of the global policy's size to noise."""
    torch.set_num_threads(1)
    generator = torch.Generator().manual_seed(0)
    network = nn.Sequential(
        nn.Conv2d(3, 32, 7, stride=2),
        nn.ReLU(),
        nn.Conv2d(32, 32, 5),
        nn.ReLU(),
        nn.Conv2d(32, 32, 5),
        nn.AdaptiveAvgPool2d(4),
        nn.Flatten(),
        nn.Linear(32 * 16, OUTPUTS),
    )
    optimiser = torch.optim.Adam(network.parameters(), lr=1e-3)
    images = torch.rand((BATCH, 3, IMAGE_SIZE, IMAGE_SIZE), generator=generator)
    targets = torch.rand((BATCH, OUTPUTS), generator=generator)
    while True:
        optimiser.zero_grad()
        nn.functional.mse_loss(network(images), targets).backward()
        optimiser.step()


if __name__ == "__main__":
    train_for_ever()
