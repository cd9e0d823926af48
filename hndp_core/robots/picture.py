"""Pictures of one shape made from pictures of another."""

import cv2
import numpy as np
from jaxtyping import UInt8


def fit_picture(
    picture: UInt8[np.ndarray, "height width 3"], width: int, height: int
) -> UInt8[np.ndarray, "fitted_height fitted_width 3"]:
    """Return the middle of a picture at another size: what does not fit is cut off, nothing is stretched.

    Args:
        picture: any size.
        width: of the result [px].
        height: of the result [px].
    """
    had_height, had_width = picture.shape[:2]
    scale = max(width / had_width, height / had_height)
    kept_width = min(had_width, round(width / scale))
    kept_height = min(had_height, round(height / scale))
    left, top = (had_width - kept_width) // 2, (had_height - kept_height) // 2
    middle = picture[top : top + kept_height, left : left + kept_width]
    if middle.shape[:2] == (height, width):
        return middle.copy()
    # Averaging keeps what is smaller than a pixel from flickering; enlarging needs something in between.
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(middle, (width, height), interpolation=how))
