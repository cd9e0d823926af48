"""What local policies are told about a digit to be written."""

from typing import Final

import numpy as np
from jaxtyping import Float64

from hndp_core.tasks.handwriting.style import WrittenDigit
from hndp_core.tasks.panda import writing_objects as objects

_POINTS: Final = 4


def stroke_state(written: WrittenDigit) -> Float64[np.ndarray, " 8"]:
    """Return x, y of the first and last point to be written, and of two evenly between them [m].

    How the card lies is not in it: it changes nothing about what is to be written.
    """
    line = written.line_m
    return objects.on_board(line[np.linspace(0, len(line) - 1, _POINTS).astype(int)]).ravel()
