"""Files of invented rollouts, in the formats of the cell, cheap enough for every test that shows one."""

from fractions import Fraction
from functools import cache
from hashlib import sha256
from io import BytesIO

import cv2
import numpy as np

from hndp_core.data.artefact_store import ArtefactStore
from hndp_core.data.images import encode_image
from hndp_core.data.video import encode_video
from hndp_core.tasks import get_task
from hndp_core.tasks.camera_format import POLICY_IMAGE_SIZE, VIDEO_HEIGHT, VIDEO_WIDTH

STEPS = 350
RATE_HZ = 50.0
_HOME = np.array(get_task("scooping").home_joints)
_FRAMES = 24
_FRAME_RATE_HZ = Fraction(50, 3)


@cache
def record_file(
    x_m: float, y_m: float, spread_rad: float, seed: int, unmoved: bool = False
) -> tuple[bytes, str]:
    """An npz file of a scooping motion towards (x, y), and its SHA-256.

    Args:
        x_m: bowl position in the base frame [m]
        y_m: bowl position in the base frame [m]
        spread_rad: deviation from the ideal motion [rad]
        seed: of that deviation
        unmoved: as stored for a plan that the safety check refused: nothing was measured
    """
    generator = np.random.default_rng(seed)
    joints = _motion(x_m, y_m) + _deviation(generator, spread_rad)
    measured = np.vstack([_HOME, joints])[:-1] + 0.2 * np.diff(np.vstack([_HOME, joints]), axis=0)
    arrays = {
        "start_joints": _HOME,
        "state": np.array([x_m, y_m]),
        "commanded": joints,
        "measured": np.empty((0, 7)) if unmoved else measured,
        "time_s": np.empty(0) if unmoved else np.arange(1, STEPS + 1) / RATE_HZ,
    }
    buffer = BytesIO()
    np.savez(
        buffer, allow_pickle=False, **arrays
    )  # not compressed as the cell's are: readers see no difference
    content = buffer.getvalue()
    return content, sha256(content).hexdigest()


def write_record(
    store: ArtefactStore, folder: str, name: str, content: bytes, x_m: float, y_m: float, full: bool
) -> None:
    """Write the five files of a record; `full` says whether the spoon comes up with an almond.

    Without the store's fsync, which takes most of the time and protects nothing here.
    """
    files = {f"{name}.npz": content, **_pictures(x_m, y_m, full), "video.mp4": _video()}
    for file, data in files.items():
        path = store.local_path(f"{folder}/{file}")
        assert path is not None
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def _rise(share: np.ndarray, begin: float, end: float) -> np.ndarray:
    """From 0 at `begin` to 1 at `end`, at rest at both (minimum jerk)."""
    s = np.clip((share - begin) / (end - begin), 0.0, 1.0)
    return s**3 * (10 - 15 * s + 6 * s**2)


def _motion(x_m: float, y_m: float) -> np.ndarray:
    """Reach, scoop and lift as joint positions (350, 7) [rad]: smooth in the position of the bowl."""
    share = np.arange(1, STEPS + 1) / STEPS
    reach, scoop, lift = _rise(share, 0.0, 0.45), _rise(share, 0.42, 0.68), _rise(share, 0.68, 1.0)
    radius = float(np.hypot(x_m, y_m)) - 0.31
    joints = np.tile(_HOME, (STEPS, 1))
    joints[:, 0] += reach * np.arctan2(y_m, x_m)
    joints[:, 1] += reach * (0.5 + 1.5 * radius) - 0.3 * lift
    joints[:, 2] += 0.1 * scoop * y_m
    joints[:, 3] += reach * (1.4 * radius - 0.1) + 0.1 * scoop * (1 - lift)
    joints[:, 4] += 0.05 * scoop * (1 - lift)
    joints[:, 5] += reach * (0.4 - 0.5 * radius) + 0.55 * scoop
    joints[:, 6] += reach * 0.3 * np.arctan2(y_m, x_m)
    return joints


def _deviation(generator: np.random.Generator, spread_rad: float) -> np.ndarray:
    share = np.arange(1, STEPS + 1)[:, None] / STEPS
    weights = generator.normal(0.0, spread_rad, (3, 7))
    waves = [w * np.sin(np.pi * (n + 1) * share) * share for n, w in enumerate(weights)]
    return np.sum(waves, axis=0)


@cache
def _pictures(x_m: float, y_m: float, full: bool) -> dict[str, bytes]:
    first, last = _scene(x_m, y_m, 0.0, full), _scene(x_m, y_m, 1.0, full)
    start = cv2.resize(first, (POLICY_IMAGE_SIZE, POLICY_IMAGE_SIZE), interpolation=cv2.INTER_AREA)
    return {
        "start.png": encode_image(start, "png"),
        "first.jpg": encode_image(first, "jpg"),
        "last.jpg": encode_image(last, "jpg"),
    }


@cache
def _video() -> bytes:
    frames = [_scene(0.6, 0.0, share, True) for share in np.linspace(0.0, 1.0, _FRAMES)]
    return encode_video(frames, _FRAME_RATE_HZ)


def _scene(x_m: float, y_m: float, share: float, full: bool) -> np.ndarray:
    """A table seen from above with a bowl, and a spoon on its way through it."""
    image = np.full((VIDEO_HEIGHT, VIDEO_WIDTH, 3), (196, 178, 150), np.uint8)
    bowl = (int(160 - 500 * y_m), int(230 - 400 * (x_m - 0.3)))
    spoon = (int(160 + share * (bowl[0] - 160)), int(20 + min(2 * share, 1.0) * (bowl[1] - 20)))
    cv2.circle(image, bowl, 34, (90, 100, 115), -1, cv2.LINE_AA)
    cv2.circle(image, bowl, 28, (160, 110, 66), -1, cv2.LINE_AA)
    cv2.line(image, (160, 0), spoon, (70, 70, 76), 7, cv2.LINE_AA)
    cv2.circle(image, spoon, 14, (205, 208, 214), -1, cv2.LINE_AA)
    if full and share > 0.6:
        cv2.ellipse(image, spoon, (8, 5), 30, 0, 360, (120, 74, 38), -1, cv2.LINE_AA)
    return image
