"""The planar digits of NDP Sec. 5.1: images of handwriting, and the motion of the pen that wrote them."""

from hndp_core.experiments.digits.digit_set import DigitSet, DigitSettings, Split, generate_digits

__all__ = ["DigitSet", "DigitSettings", "Split", "generate_digits"]
