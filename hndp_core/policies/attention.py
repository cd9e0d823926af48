"""Transformer layers whose first weights come from a given generator (Vaswani et al. 2017)."""

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from hndp_core.policies.initialisation import fan_in_uniform_, linear_layer
from hndp_core.policies.transformer_config import TransformerConfig


class Attention(nn.Module):
    """Multi-head attention of queries to a memory.

    Args:
        width: numbers of a token
        heads: parts that attend on their own; divides the width
        generator: draws the first weights
    """

    def __init__(self, width: int, heads: int, *, generator: torch.Generator) -> None:
        super().__init__()
        self._heads = heads
        self.query, self.key, self.value, self.joined = (
            linear_layer(width, width, gain=1.0, generator=generator) for _ in range(4)
        )

    def forward(
        self, queries: Float[Tensor, "batch query width"], memory: Float[Tensor, "batch token width"]
    ) -> Float[Tensor, "batch query width"]:
        """For each query what it reads from the memory."""
        asked, keys, values = (
            layer(tokens).unflatten(-1, (self._heads, -1)).transpose(1, 2)
            for layer, tokens in ((self.query, queries), (self.key, memory), (self.value, memory))
        )
        found = functional.scaled_dot_product_attention(asked, keys, values)
        return self.joined(found.transpose(1, 2).flatten(2))


class _FeedForward(nn.Module):
    def __init__(self, width: int, hidden: int, *, generator: torch.Generator) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.first = linear_layer(width, hidden, gain=2**0.5, generator=generator)
        self.second = linear_layer(hidden, width, gain=1.0, generator=generator)

    def forward(self, tokens: Float[Tensor, "batch token width"]) -> Float[Tensor, "batch token width"]:
        return tokens + self.second(torch.relu(self.first(self.norm(tokens))))


class EncoderLayer(nn.Module):
    """Tokens look at one another; normalised before each part, which trains without a warm-up."""

    def __init__(self, width: int, heads: int, hidden: int, *, generator: torch.Generator) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.attention = Attention(width, heads, generator=generator)
        self.feed_forward = _FeedForward(width, hidden, generator=generator)

    def forward(self, tokens: Float[Tensor, "batch token width"]) -> Float[Tensor, "batch token width"]:
        normalised = self.norm(tokens)
        return self.feed_forward(tokens + self.attention(normalised, normalised))


class DecoderLayer(nn.Module):
    """Queries look at one another, then at the memory."""

    def __init__(self, width: int, heads: int, hidden: int, *, generator: torch.Generator) -> None:
        super().__init__()
        self.own_norm, self.query_norm = nn.LayerNorm(width), nn.LayerNorm(width)
        self.own_attention = Attention(width, heads, generator=generator)
        self.attention = Attention(width, heads, generator=generator)
        self.feed_forward = _FeedForward(width, hidden, generator=generator)

    def forward(
        self, queries: Float[Tensor, "batch query width"], memory: Float[Tensor, "batch token width"]
    ) -> Float[Tensor, "batch query width"]:
        normalised = self.own_norm(queries)
        queries = queries + self.own_attention(normalised, normalised)
        return self.feed_forward(queries + self.attention(self.query_norm(queries), memory))


def encoder_stack(config: TransformerConfig, *, generator: torch.Generator) -> nn.Sequential:
    """All encoder layers of a transformer, and a last normalisation."""
    layers = (
        EncoderLayer(config.width, config.heads, config.hidden, generator=generator)
        for _ in range(config.encoder_layers)
    )
    return nn.Sequential(*layers, nn.LayerNorm(config.width))


def token_embedding(tokens: int, width: int, *, generator: torch.Generator) -> nn.Parameter:
    """Learned numbers of the order of one that tell tokens apart."""
    return nn.Parameter(fan_in_uniform_(torch.empty(tokens, width), 1, 1.0, generator))
