"""What every network of this package has in common."""

from abc import ABC, abstractmethod
from typing import ClassVar

from torch import nn


class Network(nn.Module, ABC):
    """A network that a checkpoint can hold and build again."""

    kind: ClassVar[str]
    """Name in checkpoints."""

    @abstractmethod
    def architecture(self) -> dict[str, object]:
        """All that builds the network again, as JSON values."""
