"""The file of a recording under way: appended to as it goes, and readable however it ended.

Layout: 8 bytes of magic, the length of the header as uint32, the header as JSON, its CRC-32; then rows of
one fixed size, each with a CRC-32 of its own, so that a torn or garbled tail ends the recording where the
last whole row ends. An orderly end is a row of its own kind.
"""

import errno
import json
import os
import struct
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self
from zlib import crc32

import numpy as np
from jaxtyping import Float64

from hndp_core.data.joint_recording import JointRecording
from hndp_core.errors import HndpError, InvalidSetting, ShapeMismatch

WRITE_PERIOD_S: Final = 0.1
"""How long a sample may wait in memory: a killed process loses little more than this."""

SYNC_PERIOD_S: Final = 0.25
"""How long it may then wait in the system's memory: a power cut loses little more than both."""

_MAGIC: Final = b"HNDPLOG1"
_LENGTH: Final = struct.Struct("<I")
_SAMPLE: Final = 0
_END: Final = 1
_NO_ROOM: Final = {errno.ENOSPC, errno.EDQUOT}


class UnreadableEpisode(HndpError):
    """A file that is no recording, or was cut off before its first sample."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path.name} holds no recording: nothing was kept of it. Record it again.")


class RecordingDiskFull(HndpError, OSError):
    """No room left while recording; what was written stays readable."""

    def __init__(self, kept_s: float) -> None:
        super().__init__(
            f"The disk is full: the recording ends here, and its first {kept_s:.1f} s are kept. "
            "Free some space, then keep them or record again."
        )
        self.kept_s = kept_s


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


class EpisodeLog:
    """Writes one recording. `append` only hands a row over, so that no disk holds up the sampling.

    One thread writes and another syncs: a disk that takes seconds to sync must not keep rows in memory.
    Leaving its `with` block ends the recording; leaving it by an error keeps the rows and marks no end.
    """

    def __init__(self, path: Path, header: EpisodeHeader, write_period_s: float = WRITE_PERIOD_S) -> None:
        """Begin a log; the folder is made.

        Raises:
            FileExistsError: a log is there already; it is left as it is.
            RecordingDiskFull: no room for a first byte.
        """
        self.header = header
        self._row_type = header.row_type()
        self._waiting: list[bytes] = []
        self._waiting_until_s = self._written_until_s = 0.0
        self._first_s: float | None = None
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._trouble: OSError | None = None
        self._folder = path.parent
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o644)
        try:
            self._write(_packed(header))
            os.fsync(self._file)
            _sync_folder(path.parent)
        except OSError as error:
            os.close(self._file)
            path.unlink()
            raise self._explained(error) from error
        self._threads = (
            self._repeat(self._write_waiting, write_period_s, "episode log, writing"),
            self._repeat(self._sync, SYNC_PERIOD_S, "episode log, syncing"),
        )

    def append(
        self,
        time_s: float,
        joints: Float64[np.ndarray, " dof"],
        commanded: Float64[np.ndarray, " dof"] | None = None,
    ) -> None:
        """Hand over one sample; it is on the disk a moment later.

        Raises:
            RecordingDiskFull: an earlier sample found no room; this one and later ones are not kept.
            ShapeMismatch: joints that do not fit the header, or commanded ones against it.
        """
        if self._trouble is not None:
            raise self._explained(self._trouble)
        row = np.zeros((), self._row_type)
        given = {"joints": joints} if commanded is None else {"joints": joints, "commanded": commanded}
        if len(given) != 1 + self.header.has_commanded:
            expected = "commanded joints" if self.header.has_commanded else "none, as the header says"
            raise ShapeMismatch("commanded", np.shape(given.get("commanded", ())), expected)
        for name, values in given.items():
            if np.shape(values) != (self.header.dof,):
                raise ShapeMismatch(name, np.shape(values), f"({self.header.dof},)")
            row[name] = values
        row["kind"], row["time_s"] = _SAMPLE, time_s
        with self._lock:
            self._waiting.append(_sealed(row))
            self._waiting_until_s = time_s
            if self._first_s is None:
                self._first_s = self._written_until_s = time_s

    def keep_start_image(self, content: bytes) -> None:
        """Write the image that the header names, beside the log.

        Raises:
            RecordingDiskFull: no room for it.
        """
        assert self.header.start_image is not None, "the header names no image"
        try:
            (self._folder / self.header.start_image).write_bytes(content)
        except OSError as error:
            raise self._explained(error) from error

    def cut_off(self) -> None:
        """Close the log without its end, for a recording that was to go on."""
        self._finish()

    def close(self) -> None:
        """End the recording in order. Closing twice changes nothing.

        Raises:
            RecordingDiskFull: the last samples found no room; the ones before are kept.
        """
        if not self._closing.is_set():
            end = np.zeros((), self._row_type)
            end["kind"] = _END
            with self._lock:
                self._waiting.append(_sealed(end))
        self._finish()
        if self._trouble is not None:
            raise self._explained(self._trouble)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.close()
        else:
            self._finish()

    def _finish(self) -> None:
        if self._closing.is_set():
            return
        self._closing.set()
        for each in self._threads:
            each.join()
        self._write_waiting()
        self._sync()
        os.close(self._file)

    def _repeat(self, work: Callable[[], None], period_s: float, name: str) -> threading.Thread:
        def repeat() -> None:
            while not self._closing.wait(period_s):
                work()

        thread = threading.Thread(target=repeat, name=name, daemon=True)
        thread.start()
        return thread

    def _write_waiting(self) -> None:
        with self._lock:
            rows, self._waiting = self._waiting, []
            until_s = self._waiting_until_s
        if not rows or self._trouble is not None:
            return
        try:
            self._write(b"".join(rows))
            self._written_until_s = until_s
        except OSError as error:
            self._trouble = error

    def _sync(self) -> None:
        try:
            os.fsync(self._file)
        except OSError as error:
            self._trouble = self._trouble or error

    def _write(self, content: bytes) -> None:
        left = memoryview(content)
        while left:
            left = left[os.write(self._file, left) :]

    def _explained(self, error: OSError) -> OSError:
        kept_s = self._written_until_s - (self._first_s or 0.0)
        return RecordingDiskFull(kept_s) if error.errno in _NO_ROOM else error


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
    ends = np.flatnonzero(rows["kind"] == _END)
    rows = rows[: ends[0]] if len(ends) else rows
    recording = None
    if len(rows) >= 2:
        commanded = rows["commanded"].astype(np.float64) if header.has_commanded else None
        recording = JointRecording(
            rows["time_s"].astype(np.float64), rows["joints"].astype(np.float64), commanded
        )
    return Episode(header, recording, complete=len(ends) > 0)


def _packed(header: EpisodeHeader) -> bytes:
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


def _sealed(row: np.ndarray) -> bytes:
    row["crc"] = _checksum(row)
    return row.tobytes()


def _checksum(row: np.ndarray | np.void) -> int:
    return crc32(row.tobytes()[: -_LENGTH.size])


def _sync_folder(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
