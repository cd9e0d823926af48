"""Action chunking with a transformer: what one would pick today without a dynamical system."""

from dataclasses import asdict

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from hndp_core.motion import PointsHead
from hndp_core.policies.attention import DecoderLayer, encoder_stack, token_embedding
from hndp_core.policies.encoder import EncoderConfig, SpatialSoftmaxEncoder
from hndp_core.policies.initialisation import last_layer_gain, linear_layer
from hndp_core.policies.learned_policy import LearnedPolicy
from hndp_core.policies.standardiser import Standardiser
from hndp_core.policies.style_encoder import StyleEncoder
from hndp_core.policies.transformer_config import TransformerConfig


class ChunkingPolicy(LearnedPolicy):
    """Image and joints -> whole trajectory, one learned query per chunk of steps (Zhao et al. 2023).

    The convolutions are those of the other policies: each of their feature points is a token, or what is
    read off them all is a single one. A second
    encoder sees the demonstrated motion in training and tells its style in a latent, which is zero at test
    (a conditional variational auto-encoder). The paper averages overlapping chunks over time, since a seam
    between them would be a jerk that no arm follows; here, where every method plans once, chunks overlap by
    half and fade into one another. Left out is dropout, which would need a random stream.

    Args:
        head: scales of the displacements that are learned
        encoder: of the image
        transformer: sizes
        generator: draws the first weights
    """

    kind = "chunking_policy"
    head: PointsHead
    rising: Tensor

    def __init__(
        self,
        head: PointsHead,
        encoder: EncoderConfig,
        transformer: TransformerConfig,
        *,
        generator: torch.Generator,
    ) -> None:
        super().__init__()
        self.head, self.transformer = head, transformer
        width = transformer.width
        self._half = transformer.chunk_steps // 2
        blocks = -(-head.rollout_length // self._half)
        self.encoder = SpatialSoftmaxEncoder(encoder, generator=generator)
        self.standardise = Standardiser(head.dof)
        self._sight = (1, encoder.readout) if encoder.readout else (encoder.third_channels, 2)
        tokens, numbers = self._sight
        self.sight = linear_layer(numbers, width, gain=1.0, generator=generator)
        self.joints = linear_layer(head.dof, width, gain=1.0, generator=generator)
        self.latent = linear_layer(transformer.latent, width, gain=1.0, generator=generator)
        self.places = token_embedding(tokens + 2, width, generator=generator)
        self.memory = encoder_stack(transformer, generator=generator)
        self.queries = token_embedding(blocks + 1, width, generator=generator)
        self.decoder = nn.ModuleList(
            DecoderLayer(width, transformer.heads, transformer.hidden, generator=generator)
            for _ in range(transformer.decoder_layers)
        )
        progress = (torch.arange(self._half, dtype=torch.float64) + 0.5) / self._half
        self.register_buffer("rising", torch.sin(0.5 * torch.pi * progress) ** 2, persistent=False)
        self.last_norm = nn.LayerNorm(width)
        self.last = linear_layer(
            width, transformer.chunk_steps * head.dof, gain=last_layer_gain(head), generator=generator
        )
        self.style = StyleEncoder(transformer, dof=head.dof, steps=head.rollout_length, generator=generator)

    def architecture(self) -> dict[str, object]:
        return {
            "head": self.head.description(),
            "encoder": asdict(self.encoder.config),
            "transformer": asdict(self.transformer),
        }

    def targets(
        self, starts: Float[np.ndarray, "demo dof"], trajectories: Float[np.ndarray, "demo time dof"]
    ) -> Float[Tensor, "demo outputs"]:
        """The outputs that make each trajectory."""
        return self.head.outputs_of(starts, trajectories)

    def outputs(
        self,
        images: Float[Tensor, "batch 3 height width"],
        joints: Float[Tensor, "batch dof"],
        latent: Float[Tensor, "batch latent"] | None = None,
    ) -> Float[Tensor, "batch outputs"]:
        """What the head turns into a trajectory, of the typical style where no latent is given."""
        if latent is None:
            latent = joints.new_zeros(len(joints), self.transformer.latent)
        seen = self.encoder(images).unflatten(-1, self._sight)
        style, arm = self.latent(latent)[:, None], self.joints(self.standardise(joints))[:, None]
        memory = self.memory(torch.cat([style, arm, self.sight(seen)], dim=1) + self.places)
        chunks = self.queries.expand(len(images), -1, -1)
        for layer in self.decoder:
            chunks = layer(chunks, memory)
        halves = self.last(self.last_norm(chunks)).unflatten(-1, (2, self._half, self.head.dof))
        going, coming = halves[:, :-1, 1], halves[:, 1:, 0]
        faded = going + self.rising.to(halves.dtype)[:, None] * (coming - going)
        return faded.flatten(1)[:, : self.head.outputs]

    def errors(
        self,
        images: Float[Tensor, "batch 3 height width"],
        starts: Float[Tensor, "batch dof"],
        targets: Float[Tensor, "batch outputs"],
        generator: torch.Generator,
    ) -> Float[Tensor, " batch"]:
        """Mean absolute error of the scaled outputs, and the latent's divergence (Zhao et al., Alg. 1)."""
        mean, log_variance = self.style(self.standardise(starts), targets)
        noise = torch.randn(mean.shape, generator=generator, dtype=mean.dtype).to(mean.device)
        found = self.outputs(images, starts, mean + torch.exp(0.5 * log_variance) * noise)
        divergence = 0.5 * (mean.square() + log_variance.exp() - 1.0 - log_variance).sum(dim=-1)
        return (found - targets).abs().mean(dim=-1) + self.transformer.divergence_weight * divergence
