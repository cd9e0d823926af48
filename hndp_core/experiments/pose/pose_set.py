"""Rendered table scenes, and where the object stands in each."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from jaxtyping import Float64, UInt8

from hndp_core.data.artefact_store import ArtefactStore
from hndp_core.errors import InvalidSetting
from hndp_core.seeding import seed_for
from hndp_core.tasks.registry import get_task

Split = Literal["train", "test"]


@dataclass(frozen=True)
class PoseSettings:
    """Which images are rendered.

    Attributes:
        task: whose scene, see `get_task`
        train: number of images to train on
        test: number of images to test on
        seed: of positions, scene variation and errors of the approximate positions

    Raises:
        InvalidSetting: fewer than 10 images to train on, or none to test on.
    """

    task: str = "scooping"
    train: int = 1000
    test: int = 300
    seed: int = 0

    def __post_init__(self) -> None:
        if self.train < 10:
            raise InvalidSetting("train", self.train, "use at least 10, a part chooses the learning rates")
        if self.test < 1:
            raise InvalidSetting("test", self.test, "use at least 1")

    def scene_seed(self, split: Split) -> int:
        """Seed of the scenes of one split, as `Scene.pretraining_samples` takes it."""
        return seed_for(self.seed, "pose", split)


@dataclass(frozen=True, eq=False)
class PoseSet:
    """Images and object positions [m] in the base frame.

    Attributes:
        images: of the start of a rollout, arm at home
        approximate_m: off by a few millimetres, as hand-measured ones would be; what is learned
        exact_m: what errors are measured against
    """

    images: UInt8[np.ndarray, "sample height width 3"]
    approximate_m: Float64[np.ndarray, "sample 2"]
    exact_m: Float64[np.ndarray, "sample 2"]

    def __len__(self) -> int:
        return len(self.images)

    def part(self, rows: slice) -> "PoseSet":
        """Some of the samples."""
        return PoseSet(self.images[rows], self.approximate_m[rows], self.exact_m[rows])


def render_poses(
    settings: PoseSettings,
    split: Split,
    folder: Path | None = None,
    on_image: Callable[[int], None] = lambda made: None,
) -> PoseSet:
    """Render one split, or read it from the folder that an earlier call kept it in.

    The splits share no scene: seeds, and with them positions, lights and camera shifts, differ.

    Raises:
        MissingGraphicsLibrary: no OpenGL to render with.
    """
    count = settings.train if split == "train" else settings.test
    key = f"{get_task(settings.task).key.replace('@', '_')}_{split}_{count}_seed{settings.seed}.npz"
    if folder is not None and (folder / key).exists():
        with np.load(folder / key, allow_pickle=False) as kept:
            return PoseSet(kept["images"], kept["approximate_m"], kept["exact_m"])
    scene = get_task(settings.task).build_scene()
    exact: list[np.ndarray] = []

    def see(made: int) -> None:
        exact.append(scene.state())
        on_image(made)

    try:
        images, approximate = scene.pretraining_samples(count, settings.scene_seed(split), see)
    finally:
        scene.close()
    samples = PoseSet(images, approximate, np.stack(exact))
    if folder is not None:
        packed = io.BytesIO()
        np.savez_compressed(packed, **vars(samples))
        ArtefactStore(folder).write(key, packed.getvalue())
    return samples
