import numpy as np
import pytest

from hndp_core.data.images import UnreadableImage, decode_image, encode_image

IMAGE = np.stack(np.broadcast_arrays(np.arange(96)[:, None] * 2, np.arange(128)[None], 40), axis=-1).astype(
    np.uint8
)


def test_png_keeps_every_bit():
    np.testing.assert_array_equal(decode_image(encode_image(IMAGE, "png")), IMAGE)


def test_jpg_is_close_and_keeps_colours_apart():
    content = encode_image(IMAGE, "jpg")
    assert len(content) < IMAGE.size / 5
    assert np.abs(decode_image(content).astype(int) - IMAGE).mean() < 3


@pytest.mark.parametrize("content", [b"", b"no image", encode_image(IMAGE, "png")[:40]])
def test_what_is_no_image_is_refused(content):
    with pytest.raises(UnreadableImage):
        decode_image(content)
