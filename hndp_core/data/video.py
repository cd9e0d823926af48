"""Videos as H.264 files that every browser plays."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from io import BytesIO

import av
import cv2
import numpy as np
from av.error import FFmpegError
from jaxtyping import UInt8

from hndp_core.errors import HndpError, ShapeMismatch

_QUALITY = "23"
_NO_LOOKAHEAD = "zerolatency"
"""x264's lookahead reads memory before it is set: with it, equal frames gave different bytes now and then."""

_INDEX_BYTES = 2048
_INDEX_BYTES_PER_FRAME = 48


class UnreadableVideo(HndpError):
    """Bytes that are no video."""

    def __init__(self) -> None:
        super().__init__("Not a video file: restore it from a backup, or record it again.")


def encode_video(frames: Sequence[UInt8[np.ndarray, "height width 3"]], frame_rate_hz: Fraction) -> bytes:
    """Return RGB frames as an MP4 file; equal frames give equal bytes.

    The index stands at the front, so that a browser can play while it loads: room for it is reserved
    there, since moving it later ("faststart") would need a file. One encoder thread: the others would
    compete with the simulation, and their slicing changes the bytes.

    Raises:
        ShapeMismatch: no frames, frames of different sizes, or an odd width or height.
    """
    if not frames:
        raise ShapeMismatch("video", (0,), "at least 1 frame")
    height, width = frames[0].shape[:2]
    for frame in frames:
        if frame.shape != (height, width, 3) or height % 2 or width % 2:
            raise ShapeMismatch("video frame", frame.shape, "equal frames of even height and width")
    buffer = BytesIO()
    index_room = str(_INDEX_BYTES + _INDEX_BYTES_PER_FRAME * len(frames))
    with av.open(buffer, "w", format="mp4", options={"moov_size": index_room}) as container:
        stream = container.add_stream("libx264", rate=frame_rate_hz)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.options = {"preset": "veryfast", "tune": _NO_LOOKAHEAD, "crf": _QUALITY}
        stream.codec_context.thread_count = 1
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode())
    return buffer.getvalue()


@dataclass(frozen=True, eq=False)
class VideoFacts:
    """What a video file says about itself, with its first frame."""

    width: int
    height: int
    frame_rate_hz: float
    codec: str
    pixel_format: str
    first_frame: UInt8[np.ndarray, "height width 3"]


def describe_video(content: bytes) -> VideoFacts:
    """Return what a video is, decoding no more than its first frame.

    Raises:
        UnreadableVideo: no video, or a damaged one.
    """
    try:
        with av.open(BytesIO(content), "r") as container:
            stream = container.streams.video[0]
            first = next(container.decode(stream))
            return VideoFacts(
                width=stream.width,
                height=stream.height,
                frame_rate_hz=float(stream.average_rate or 0.0),
                codec=stream.codec_context.name,
                pixel_format=stream.codec_context.pix_fmt or "",
                first_frame=first.to_ndarray(format="rgb24"),
            )
    except (FFmpegError, IndexError, StopIteration) as error:
        raise UnreadableVideo from error


def with_first_frame_twice(content: bytes) -> bytes:
    """The same video with its first frame once more in front; not a bit of a frame changes.

    A cell takes the first frame one period after the start: so each comes to stand at the time that it shows.

    Raises:
        UnreadableVideo: no video, or a damaged one.
    """
    buffer = BytesIO()
    try:
        with av.open(BytesIO(content), "r") as source, av.open(buffer, "w", format="mp4") as target:
            stream = source.streams.video[0]
            copy = target.add_stream_from_template(stream)
            packets = [each for each in source.demux(stream) if each.size]
            assert stream.average_rate is not None
            period = round(1 / (stream.average_rate * packets[0].time_base))
            for packet, later in ((packets[0], 0), *((each, period) for each in packets)):
                assert packet.pts is not None
                assert packet.dts is not None
                moved = av.Packet(bytes(packet))
                moved.pts, moved.dts = packet.pts + later, packet.dts + later
                moved.duration, moved.time_base = period, packet.time_base
                moved.is_keyframe, moved.stream = packet.is_keyframe, copy
                target.mux(moved)
    except (FFmpegError, IndexError, AssertionError) as error:
        raise UnreadableVideo from error
    return buffer.getvalue()


def resized_video(content: bytes, width: int, height: int) -> bytes:
    """The same video in another size: encoded anew."""
    rate_hz = describe_video(content).frame_rate_hz
    frames = [
        cv2.resize(each, (width, height), interpolation=cv2.INTER_AREA) for each in decode_video(content)
    ]
    return encode_video(frames, Fraction(rate_hz).limit_denominator(1001))


def decode_video(content: bytes) -> list[UInt8[np.ndarray, "height width 3"]]:
    """Return all RGB frames of a video file."""
    with av.open(BytesIO(content), "r") as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
