"""The file of a recording: readable however it ended.

Layout: 8 bytes of magic, the length of the header as uint32, the header as JSON, its CRC-32; then rows of
one fixed size, each with a CRC-32 of its own, so that a torn or garbled tail ends the recording where the
last whole row ends. An orderly end is a row of its own kind.
"""

import json
import struct
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final
from zlib import crc32

import numpy as np

from hndp_core.data.joint_recording import JointRecording
from hndp_core.errors import HndpError, InvalidSetting

SAMPLE: Final = 0
END: Final = 1
"""Kinds of rows."""

_MAGIC: Final = b"HNDPLOG1"
_LENGTH: Final = struct.Struct("<I")


class UnreadableEpisode(HndpError):
    """A file that is no recording, or was cut off before its first sample."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path.name} holds no recording: nothing was kept of it. Record it again.")


@dataclass(frozen=True)
class EpisodeHeader:
    """What is known when a recording begins.

    Raises:
        InvalidSetting: a rate that is not above zero.
    """

    rate_hz: float
    """Samples a second that are asked for."""
    task: str
    region: str
    """Its name."""
    start_image: str | None = None
    """File name of the image at the start, beside the log; None: none was taken."""
    dof: int = 7
    has_commanded: bool = False
    """Whether each row holds the commanded joints, too."""
    reference: Mapping[str, int] = field(default_factory=dict)
    """What the recorder needs to find the recording's place again, such as ids of a database."""

    def __post_init__(self) -> None:
        if not self.rate_hz > 0:
            raise InvalidSetting("rate_hz", self.rate_hz, "use a number above zero")

    def row_type(self) -> np.dtype[np.void]:
        """One row: kind, time [s], joints [rad], perhaps commanded joints [rad], and the CRC of it all."""
        joints = ("joints", "<f8", (self.dof,))
        commanded = [("commanded", "<f8", (self.dof,))] if self.has_commanded else []
        return np.dtype([("kind", "u1"), ("time_s", "<f8"), joints, *commanded, ("crc", "<u4")])


@dataclass(frozen=True, eq=False)
class Episode:
    """A recording as its log holds it.

    Attributes:
        header: what was known at its start.
        recording: its whole rows; None where fewer than two were kept.
        complete: whether it was ended, and not cut off.
    """

    header: EpisodeHeader
    recording: JointRecording | None
    complete: bool


def read_episode(path: Path) -> Episode:
    """Every whole row of a log, up to its end or to where it was cut off.

    Raises:
        UnreadableEpisode: it was cut off within its header, or is another kind of file.
    """
    content = path.read_bytes()
    header, start = _unpacked_header(content, path)
    row_type = header.row_type()
    count = (len(content) - start) // row_type.itemsize
    rows = np.frombuffer(content, row_type, count, start)
    whole = 0
    while whole < count and int(rows["crc"][whole]) == _checksum(rows[whole]):
        whole += 1
    rows = rows[:whole]
    ends = np.flatnonzero(rows["kind"] == END)
    rows = rows[: ends[0]] if len(ends) else rows
    recording = None
    if len(rows) >= 2:
        commanded = rows["commanded"].astype(np.float64) if header.has_commanded else None
        recording = JointRecording(
            rows["time_s"].astype(np.float64), rows["joints"].astype(np.float64), commanded
        )
    return Episode(header, recording, complete=len(ends) > 0)


def packed_header(header: EpisodeHeader) -> bytes:
    """What a log begins with."""
    text = json.dumps(asdict(header)).encode()
    return _MAGIC + _LENGTH.pack(len(text)) + text + _LENGTH.pack(crc32(text))


def _unpacked_header(content: bytes, path: Path) -> tuple[EpisodeHeader, int]:
    """The header, and where the rows begin."""
    begin = len(_MAGIC) + _LENGTH.size
    if not content.startswith(_MAGIC) or len(content) < begin:
        raise UnreadableEpisode(path)
    (length,) = _LENGTH.unpack_from(content, len(_MAGIC))
    text, end = content[begin : begin + length], begin + length + _LENGTH.size
    if len(content) < end or _LENGTH.unpack_from(content, begin + length)[0] != crc32(text):
        raise UnreadableEpisode(path)
    values: dict[str, Any] = json.loads(text)
    return EpisodeHeader(**values), end


def sealed(row: np.ndarray) -> bytes:
    """A row of a log as bytes, with its CRC."""
    row["crc"] = _checksum(row)
    return row.tobytes()


def _checksum(row: np.ndarray | np.void) -> int:
    return crc32(row.tobytes()[: -_LENGTH.size])
