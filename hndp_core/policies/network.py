"""What every network of this package has in common."""

from abc import ABC, abstractmethod
from typing import ClassVar

import torch
from torch import nn


class Network(nn.Module, ABC):
    """A network that a checkpoint can hold and build again."""

    kind: ClassVar[str]
    """Name in checkpoints."""

    @abstractmethod
    def architecture(self) -> dict[str, object]:
        """All that builds the network again, as JSON values."""

    def cast_parameters(self, dtype: torch.dtype) -> None:
        """Change the precision of what is trained; constants stay float64, which `Module.to` would round."""
        for parameter in self.parameters():
            parameter.data = parameter.data.to(dtype)
