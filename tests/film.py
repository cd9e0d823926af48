"""A short film that tests look at in place of a camera."""

from pathlib import Path
from typing import Final

import cv2
import numpy as np

WIDTH: Final = 160
HEIGHT: Final = 120
FRAMES: Final = 20


def shade(frame: int) -> int:
    """Grey of a frame."""
    return 20 + 10 * frame


def write_film(path: Path) -> Path:
    """Write a film that grows brighter, red in its upper left quarter, at 25 frames/s; return its path."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 25.0, (WIDTH, HEIGHT))
    for number in range(FRAMES):
        frame = np.full((HEIGHT, WIDTH, 3), shade(number), np.uint8)
        frame[: HEIGHT // 2, : WIDTH // 2] = (0, 0, 255)  # OpenCV writes blue, green, red
        writer.write(frame)
    writer.release()
    return path
