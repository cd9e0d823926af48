from pathlib import Path

import cv2
import numpy as np
import pytest

VIDEO_WIDTH, VIDEO_HEIGHT, VIDEO_FRAMES = 160, 120, 20


def shade(frame: int) -> int:
    """Grey of a frame of the video."""
    return 20 + 10 * frame


@pytest.fixture(scope="session")
def video_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film that grows brighter, red in its upper left quarter, (120, 160) at 25 frames/s."""
    path = tmp_path_factory.mktemp("film") / "film.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 25.0, (VIDEO_WIDTH, VIDEO_HEIGHT))
    for number in range(VIDEO_FRAMES):
        frame = np.full((VIDEO_HEIGHT, VIDEO_WIDTH, 3), shade(number), np.uint8)
        frame[: VIDEO_HEIGHT // 2, : VIDEO_WIDTH // 2] = (0, 0, 255)  # OpenCV writes blue, green, red
        writer.write(frame)
    writer.release()
    return path
