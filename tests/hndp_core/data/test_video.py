from fractions import Fraction
from io import BytesIO

import av
import numpy as np
import pytest

from hndp_core.data.video import decode_video, encode_video
from hndp_core.errors import ShapeMismatch

RATE = Fraction(50, 3)


def _frames(count=20):
    frames = np.full((count, 64, 96, 3), 40, np.uint8)
    for number, frame in enumerate(frames):
        frame[16:32, 2 * number : 2 * number + 16] = (220, 60, 60)
    return list(frames)


def test_browsers_can_play_it_while_it_loads():
    content = encode_video(_frames(), RATE)
    with av.open(BytesIO(content), "r") as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert (stream.width, stream.height, stream.average_rate) == (96, 64, RATE)
    assert content.index(b"moov") < content.index(b"mdat")


def test_frames_survive():
    frames = _frames()
    decoded = decode_video(encode_video(frames, RATE))
    assert len(decoded) == len(frames)
    assert np.abs(np.array(decoded, int) - np.array(frames, int)).mean() < 4


def test_equal_frames_give_equal_bytes():
    assert encode_video(_frames(), RATE) == encode_video(_frames(), RATE)


@pytest.mark.parametrize("shapes", [[], [(64, 95, 3)], [(64, 96, 3), (32, 96, 3)], [(64, 96)]])
def test_frames_that_do_not_fit_are_refused(shapes):
    with pytest.raises(ShapeMismatch):
        encode_video([np.zeros(shape, np.uint8) for shape in shapes], RATE)


def test_a_long_video_has_room_for_its_index():
    noise = np.random.default_rng(0).integers(0, 255, (600, 32, 32, 3), dtype=np.uint8)
    content = encode_video(list(noise), RATE)
    assert content.index(b"moov") < content.index(b"mdat")
    assert len(decode_video(content)) == 600
