"""Sizes and rates of the images that policies see and people watch."""

from typing import Final

POLICY_IMAGE_SIZE: Final = 96
"""Pixels of a side of the square image that policies see."""

VIDEO_WIDTH: Final = 320
VIDEO_HEIGHT: Final = 240
STILL_WIDTH: Final = 640
STILL_HEIGHT: Final = 480
"""First and last frame are finer than the video: a judge looks for single almonds in them."""

FRAME_INTERVAL: Final = 3
"""Control steps from one video frame to the next."""
