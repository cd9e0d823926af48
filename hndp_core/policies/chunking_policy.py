"""Action chunking with a transformer: what one would pick today without a dynamical system."""

from dataclasses import asdict, dataclass

import numpy as np
import torch
from jaxtyping import Float, UInt8
from torch import Tensor, nn
from torch.nn import functional

from hndp_core.errors import InvalidSetting, ShapeMismatch
from hndp_core.motion import PointsHead
from hndp_core.policies.attention import DecoderLayer, EncoderLayer
from hndp_core.policies.contracts import LearnedPolicy
from hndp_core.policies.encoder import EncoderConfig, SpatialSoftmaxEncoder, prepare_images
from hndp_core.policies.initialisation import fan_in_uniform_, last_layer_gain, linear_layer
from hndp_core.policies.standardiser import Standardiser
from hndp_core.policies.visuomotor_policy import LEAST_JOINT_SCALE_RAD


@dataclass(frozen=True)
class TransformerConfig:
    """A small action chunking transformer (Zhao et al. 2023, Sec. IV): about 0.4 million parameters beside
    the convolutions.

    Raises:
        InvalidSetting: a size below 1, or a width that the heads do not divide.
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
    chunk_steps: int = 10
    """Robot steps that one query answers."""
    divergence_weight: float = 10.0
    """Weight of the latent's divergence from a standard normal; 10 in Zhao et al., Table III."""

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if name != "divergence_weight" and value < 1:
                raise InvalidSetting(name, value, "use at least 1")
        if self.width % self.heads:
            raise InvalidSetting("heads", self.heads, f"use a divisor of the width, {self.width}")


class ChunkingPolicy(LearnedPolicy):
    """Image and joints -> whole trajectory, one learned query per chunk of steps (Zhao et al. 2023).

    The convolutions are those of the other policies: each of their feature points is a token. A second
    encoder sees the demonstrated motion in training and tells its style in a latent, which is zero at test
    (a conditional variational auto-encoder). Left out are dropout, which would need a random stream, and
    the averaging of overlapping plans, since every method here plans once.

    Args:
        head: scales of the displacements that are learned
        encoder: of the image
        transformer: sizes
        generator: draws the first weights
    """

    kind = "chunking_policy"

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
        self._chunks = -(-head.rollout_length // transformer.chunk_steps)
        numbers = transformer.chunk_steps * head.dof
        width = transformer.width
        self.encoder = SpatialSoftmaxEncoder(encoder, generator=generator)
        self.standardise = Standardiser(head.dof)

        def linear(inputs: int, outputs: int, gain: float = 1.0) -> nn.Linear:
            return linear_layer(inputs, outputs, gain=gain, generator=generator)

        def embedding(tokens: int) -> nn.Parameter:
            return nn.Parameter(fan_in_uniform_(torch.empty(tokens, width), 1, 1.0, generator))

        def encoder_stack() -> nn.Sequential:
            sizes = width, transformer.heads, transformer.hidden
            return nn.Sequential(
                *(EncoderLayer(*sizes, generator=generator) for _ in range(transformer.encoder_layers)),
                nn.LayerNorm(width),
            )

        self.point, self.joints, self.latent = (
            linear(2, width),
            linear(head.dof, width),
            linear(transformer.latent, width),
        )
        self.memory_places = embedding(encoder.third_channels + 2)
        self.memory = encoder_stack()
        self.queries = embedding(self._chunks)
        sizes = width, transformer.heads, transformer.hidden
        self.decoder = nn.ModuleList(
            DecoderLayer(*sizes, generator=generator) for _ in range(transformer.decoder_layers)
        )
        self.last_norm = nn.LayerNorm(width)
        self.last = linear(width, numbers, last_layer_gain(head))
        self.shown_chunk, self.shown_joints = linear(numbers, width), linear(head.dof, width)
        self.shown_places = embedding(self._chunks + 2)
        self.style = encoder_stack()
        self.style_last = linear(width, 2 * transformer.latent)

    def architecture(self) -> dict[str, object]:
        return {
            "head": self.head.description(),
            "encoder": asdict(self.encoder.config),
            "transformer": asdict(self.transformer),
        }

    def calibrate(
        self, starts: Float[np.ndarray, "demo dof"], trajectories: Float[np.ndarray, "demo time dof"]
    ) -> None:
        self.standardise.calibrate(starts, LEAST_JOINT_SCALE_RAD)
        self.head.calibrate(starts, trajectories)

    def targets(
        self, starts: Float[np.ndarray, "demo dof"], trajectories: Float[np.ndarray, "demo time dof"]
    ) -> Float[Tensor, "demo outputs"]:
        """The outputs that make each trajectory."""
        return self.head.outputs_of(starts, trajectories)

    def outputs(
        self,
        images: Float[Tensor, "batch 3 height width"],
        joints: Float[Tensor, "batch dof"],
        latent: Float[Tensor, "batch latent"],
    ) -> Float[Tensor, "batch outputs"]:
        """What the head turns into a trajectory."""
        points = self.encoder(images).unflatten(-1, (-1, 2))
        seen = [
            self.latent(latent)[:, None],
            self.joints(self.standardise(joints))[:, None],
            self.point(points),
        ]
        memory = self.memory(torch.cat(seen, dim=1) + self.memory_places)
        chunks = self.queries.expand(len(images), -1, -1)
        for layer in self.decoder:
            chunks = layer(chunks, memory)
        steps = self.last(self.last_norm(chunks)).flatten(1)
        return steps[:, : self.head.outputs]

    def errors(
        self,
        images: Float[Tensor, "batch 3 height width"],
        starts: Float[Tensor, "batch dof"],
        targets: Float[Tensor, "batch outputs"],
        generator: torch.Generator,
    ) -> Float[Tensor, " batch"]:
        """Mean absolute error of the scaled outputs, and the latent's divergence (Zhao et al., Alg. 1)."""
        mean, log_variance = self._style_of(starts, targets)
        noise = torch.randn(mean.shape, generator=generator, dtype=mean.dtype).to(mean.device)
        found = self.outputs(images, starts, mean + torch.exp(0.5 * log_variance) * noise)
        divergence = 0.5 * (mean.square() + log_variance.exp() - 1.0 - log_variance).sum(dim=-1)
        return (found - targets).abs().mean(dim=-1) + self.transformer.divergence_weight * divergence

    def forward(
        self, images: Float[Tensor, "batch 3 height width"], starts: Float[Tensor, "batch dof"]
    ) -> Float[Tensor, "batch time dof"]:
        """Joint angles [rad] of the typical style, from images in 0..1 and the joints at the start."""
        latent = starts.new_zeros(len(starts), self.transformer.latent)
        return self.head(self.outputs(images, starts, latent), starts)

    @torch.inference_mode()
    def plan(
        self,
        image: UInt8[np.ndarray, "height width 3"],
        joints: Float[np.ndarray, " dof"],
        samples: int | None = None,
    ) -> Float[np.ndarray, "samples dof"]:
        self.encoder.check_image(image)
        if joints.shape != (self.head.dof,):
            raise ShapeMismatch("joints", joints.shape, f"({self.head.dof},)")
        dtype = self.last.weight.dtype
        start = torch.tensor(joints[None], dtype=torch.float64)
        latent = torch.zeros(1, self.transformer.latent, dtype=dtype)
        outputs = self.outputs(prepare_images(image[None]).to(dtype), start.to(dtype), latent)
        return self.head(outputs.double(), start, samples=samples)[0].numpy()

    def _style_of(
        self, starts: Float[Tensor, "batch dof"], targets: Float[Tensor, "batch outputs"]
    ) -> tuple[Float[Tensor, "batch latent"], Float[Tensor, "batch latent"]]:
        """Mean and logarithm of the variance of the latent, from a demonstrated motion."""
        missing = self._chunks * self.last.out_features - targets.shape[1]
        shown = functional.pad(targets, (0, missing)).unflatten(-1, (self._chunks, -1))
        tokens = torch.cat(
            [
                starts.new_zeros(len(starts), 1, self.transformer.width),
                self.shown_joints(self.standardise(starts))[:, None],
                self.shown_chunk(shown),
            ],
            dim=1,
        )
        mean, log_variance = self.style_last(self.style(tokens + self.shown_places)[:, 0]).chunk(2, dim=-1)
        return mean, log_variance
