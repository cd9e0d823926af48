"""The simplest thing that could work: recognise, then replay."""

from dataclasses import asdict

import numpy as np
import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from hndp_core.errors import InvalidSetting, ShapeMismatch
from hndp_core.motion import resample
from hndp_core.policies.contracts import GlobalPolicy
from hndp_core.policies.encoder import EncoderConfig, SpatialSoftmaxEncoder, prepare_images


class NearestDemonstration(GlobalPolicy):
    """Replays the demonstration whose first image looks most alike, from the joints at which the arm is.

    Alike is a small Euclidean distance of the encoder's features.

    Args:
        encoder: of the image; its weights come from pretraining
        demonstrations: how many are stored
        rollout_length: steps of each
        dof: joints
        generator: draws the encoder's first weights
    """

    kind = "nearest_demonstration"
    features: Tensor
    displacements: Tensor

    def __init__(
        self,
        encoder: EncoderConfig,
        *,
        demonstrations: int,
        rollout_length: int,
        dof: int,
        generator: torch.Generator,
    ) -> None:
        super().__init__()
        if demonstrations < 1:
            raise InvalidSetting("demonstrations", demonstrations, "store at least one")
        self.dof = dof
        self.encoder = SpatialSoftmaxEncoder(encoder, generator=generator)
        self.register_buffer("features", torch.zeros(demonstrations, encoder.features))
        shape = demonstrations, rollout_length, dof
        self.register_buffer("displacements", torch.zeros(shape, dtype=torch.float64))

    def architecture(self) -> dict[str, object]:
        count, rollout_length, dof = self.displacements.shape
        return {
            "encoder": asdict(self.encoder.config),
            "demonstrations": count,
            "rollout_length": rollout_length,
            "dof": dof,
        }

    @torch.inference_mode()
    def store(
        self,
        images: UInt8[np.ndarray, "demo height width 3"],
        starts: Float[np.ndarray, "demo dof"],
        trajectories: Float[np.ndarray, "demo time dof"],
    ) -> None:
        """Keep what the demonstrations look like and how they move.

        Raises:
            ShapeMismatch: unless they are as many, as long and of as many joints as announced.
        """
        if trajectories.shape != tuple(self.displacements.shape):
            raise ShapeMismatch("demonstrations", trajectories.shape, f"{tuple(self.displacements.shape)}")
        self.features.copy_(torch.cat([self._features(image) for image in images]))
        self.displacements.copy_(torch.from_numpy(trajectories - starts[:, None]))

    @torch.inference_mode()
    def plan(
        self,
        image: UInt8[np.ndarray, "height width 3"],
        joints: Float[np.ndarray, " dof"],
        samples: int | None = None,
    ) -> Float[np.ndarray, "samples dof"]:
        self.encoder.check_image(image)
        if joints.shape != (self.dof,):
            raise ShapeMismatch("joints", joints.shape, f"({self.dof},)")
        distances = (self.features - self._features(image)).square().sum(dim=-1)
        start = torch.tensor(joints, dtype=torch.float64)
        replayed = start + self.displacements[int(distances.argmin())]
        return (replayed if samples is None else resample(replayed, start, samples)).numpy()

    def _features(self, image: UInt8[np.ndarray, "height width 3"]) -> Float[Tensor, "1 features"]:
        """One image at a time: a batch may sum in another order, and one's own image must lie at zero."""
        return self.encoder(prepare_images(image[None]))
