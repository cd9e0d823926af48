"""Sizes of the action chunking transformer."""

from dataclasses import asdict, dataclass

from hndp_core.errors import InvalidSetting


@dataclass(frozen=True)
class TransformerConfig:
    """A small action chunking transformer (Zhao et al. 2023, Sec. IV): about 0.4 million parameters beside
    the convolutions.

    Raises:
        InvalidSetting: a size below 1, or a width that the heads do not divide, an odd chunk.
    """

    width: int = 64
    """Numbers of a token."""
    heads: int = 4
    hidden: int = 256
    """Neurons between the two layers behind each attention."""
    encoder_layers: int = 2
    decoder_layers: int = 2
    latent: int = 16
    """Numbers that tell one style of the motion from another; zero at test."""
    chunk_steps: int = 20
    """Robot steps that one query answers; half of them overlap with the next chunk."""
    divergence_weight: float = 10.0
    """Weight of the latent's divergence from a standard normal; 10 in Zhao et al., Table III."""

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if name != "divergence_weight" and value < 1:
                raise InvalidSetting(name, value, "use at least 1")
        if self.chunk_steps % 2:
            raise InvalidSetting(
                "chunk_steps", self.chunk_steps, "use an even number: chunks overlap by half"
            )
        if self.width % self.heads:
            raise InvalidSetting("heads", self.heads, f"use a divisor of the width, {self.width}")
