"""What style a demonstrated motion has: the part of action chunking that only training sees."""

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from hndp_core.policies.attention import encoder_stack, token_embedding
from hndp_core.policies.initialisation import linear_layer
from hndp_core.policies.transformer_config import TransformerConfig


class StyleEncoder(nn.Module):
    """Joints and a demonstrated motion -> distribution of a latent (Zhao et al. 2023, Fig. 4, left).

    Args:
        config: sizes
        dof: joints
        steps: of the motion, which is read chunk by chunk
        generator: draws the first weights
    """

    def __init__(
        self, config: TransformerConfig, *, dof: int, steps: int, generator: torch.Generator
    ) -> None:
        super().__init__()
        self._chunks = -(-steps // config.chunk_steps)
        self._numbers = config.chunk_steps * dof
        self.joints = linear_layer(dof, config.width, gain=1.0, generator=generator)
        self.chunk = linear_layer(self._numbers, config.width, gain=1.0, generator=generator)
        # The first token sees nothing: what it gathers from the others is the answer.
        self.places = token_embedding(self._chunks + 2, config.width, generator=generator)
        self.layers = encoder_stack(config, generator=generator)
        self.last = linear_layer(config.width, 2 * config.latent, gain=1.0, generator=generator)

    def forward(
        self, joints: Float[Tensor, "batch dof"], motion: Float[Tensor, "batch outputs"]
    ) -> tuple[Float[Tensor, "batch latent"], Float[Tensor, "batch latent"]]:
        """Mean and logarithm of the variance, from scaled joints and scaled displacements."""
        missing = self._chunks * self._numbers - motion.shape[1]
        shown = functional.pad(motion, (0, missing)).unflatten(-1, (self._chunks, -1))
        asked = joints.new_zeros(len(joints), 1, self.places.shape[1])
        tokens = torch.cat([asked, self.joints(joints)[:, None], self.chunk(shown)], dim=1)
        mean, log_variance = self.last(self.layers(tokens + self.places)[:, 0]).chunk(2, dim=-1)
        return mean, log_variance
