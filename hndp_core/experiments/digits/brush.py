"""The ink that a pen leaves."""

import numpy as np
from jaxtyping import Float, UInt8

from hndp_core.experiments.digits.pen import IMAGE_PX

BRUSH_RADIUS_PX = 1.0
# Beyond this many pixels from the one that the pen is in, a brush of this radius leaves nothing.
_REACH = 2


def ink(motion: Float[np.ndarray, "samples 2"]) -> UInt8[np.ndarray, "rows columns"]:
    """The image of a motion (column, row) [px] by a disc brush: 255 where it passed, 0 where it did not.

    Pixel (row, column) has its centre at (row + 0.5, column + 0.5); the disc's edge fades over one pixel, so
    that positions between the pixels show. What lies outside the image is lost.
    """
    around = np.arange(-_REACH, _REACH + 1)
    columns = np.floor(motion[:, :1]).astype(np.intp) + around
    rows = np.floor(motion[:, 1:]).astype(np.intp) + around
    away = np.hypot(
        columns[:, None, :] + 0.5 - motion[:, 0, None, None],
        rows[:, :, None] + 0.5 - motion[:, 1, None, None],
    )
    cover = np.clip(BRUSH_RADIUS_PX + 0.5 - away, 0.0, 1.0)
    # The margin takes the ink outside the image, so that no stroke needs a check of its own.
    margin = IMAGE_PX
    canvas = np.zeros((3 * IMAGE_PX, 3 * IMAGE_PX))
    inside = (slice(margin, margin + IMAGE_PX),) * 2
    rows, columns = (np.clip(each + margin, 0, 3 * IMAGE_PX - 1) for each in (rows, columns))
    np.maximum.at(canvas, (rows[:, :, None], columns[:, None, :]), cover)
    return np.rint(255.0 * canvas[inside]).astype(np.uint8)
