"""Transformer layers whose first weights come from a given generator (Vaswani et al. 2017)."""

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from hndp_core.policies.initialisation import linear_layer


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

    def forward(self, tokens: Tensor) -> Tensor:
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
