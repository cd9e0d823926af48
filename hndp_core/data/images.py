"""Images as PNG and JPEG files."""

from typing import Literal

import cv2
import numpy as np
from jaxtyping import UInt8

from hndp_core.errors import HndpError

JPEG_QUALITY = 90


class UnreadableImage(HndpError):
    """Bytes that are no image."""

    def __init__(self) -> None:
        super().__init__("Not an image file: restore it from a backup, or record it again.")


def encode_image(
    image: UInt8[np.ndarray, "height width 3"], kind: Literal["png", "jpg"], quality: int = JPEG_QUALITY
) -> bytes:
    """Return an RGB image as a file: png keeps every bit, jpg is small (`quality` 1 to 100)."""
    options = [cv2.IMWRITE_JPEG_QUALITY, quality] if kind == "jpg" else []
    done, content = cv2.imencode(f".{kind}", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), options)
    if not done:
        raise RuntimeError(f"OpenCV could not encode a {kind} image of shape {image.shape}")
    return content.tobytes()


def decode_image(content: bytes) -> UInt8[np.ndarray, "height width 3"]:
    """Return the RGB image of a PNG or JPEG file.

    Raises:
        UnreadableImage: no image, or a damaged one.
    """
    image = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR) if content else None
    if image is None:
        raise UnreadableImage
    return cv2.cvtColor(image, cv2.COLOR_BGR2RGB)
