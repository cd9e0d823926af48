"""Episodes as records hold them, made in a moment."""

from fractions import Fraction
from functools import cache
from hashlib import sha256

import numpy as np

from hndp_core.data.dataset import Episode, EpisodeFacts
from hndp_core.data.images import encode_image
from hndp_core.data.video import encode_video

RATE_HZ = 50.0


@cache
def video(seed: int = 0, frames: int = 4) -> bytes:
    generator = np.random.default_rng(seed)
    pictures = [generator.integers(0, 255, (16, 24, 3), dtype=np.uint8) for _ in range(frames)]
    return encode_video(pictures, Fraction(50, 3))


@cache
def image() -> bytes:
    return encode_image(np.full((8, 8, 3), 90, np.uint8), "png")


def made_episode(
    seed: int, steps: int = 6, made: int | None = None, slow_down: float = 1.0, **facts: object
) -> Episode:
    """An episode of random numbers; `made` rows were measured, by default as many as were streamed."""
    generator = np.random.default_rng(seed)
    rows = round(steps * slow_down) if made is None else made
    known: dict[str, object] = {
        "kind": "trial",
        "id": seed + 1,
        "experiment": "Scooping, first try",
        "task": "scooping@clean",
        "method": "hndp",
        "experiment_seed": 0,
        "region": "R3",
        "region_split": "train",
        "x_m": 0.1 + 0.2,
        "y_m": -0.0,
        "simulated": True,
        "cell": "simulated",
        "rate_hz": RATE_HZ,
        "record_sha256": "0" * 64,
        "video_sha256": sha256(video(seed)).hexdigest(),
        "label": "success",
        "gate": 1,
        "label_events": '[{"outcome": "failure", "note": "slipped, \\"twice\\"\\nand fell"}]',
    }
    return Episode(
        facts=EpisodeFacts(**{**known, **facts}),  # type: ignore[arg-type]
        start_joints=generator.normal(size=7),
        state=generator.normal(size=2),
        commanded=generator.normal(size=(steps, 7)),
        measured=generator.normal(size=(rows, 7)),
        time_s=np.cumsum(generator.uniform(0.019, 0.021, rows)),
        slow_down=slow_down,
        start_image=image(),
        video=video(seed),
    )
