"""A recording under way: written as it goes, so that a crash loses little of it."""

import errno
import os
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import numpy as np
from jaxtyping import Float64

from hndp_core.data.episode_file import END, SAMPLE, EpisodeHeader, packed_header, sealed
from hndp_core.errors import HndpError, ShapeMismatch

WRITE_PERIOD_S: Final = 0.1
"""How long a sample may wait in memory: a killed process loses little more than this."""

SYNC_PERIOD_S: Final = 0.25
"""How long it may then wait in the system's memory: a power cut loses little more than both."""

_NO_ROOM: Final = {errno.ENOSPC, errno.EDQUOT}


class RecordingDiskFull(HndpError, OSError):
    """No room left while recording; what was written stays readable."""

    def __init__(self, kept_s: float) -> None:
        super().__init__(
            f"The disk is full: the recording ends here, and its first {kept_s:.1f} s are kept. "
            "Free some space, then keep them or record again."
        )
        self.kept_s = kept_s


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
            self._write(packed_header(header))
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
        row["kind"], row["time_s"] = SAMPLE, time_s
        with self._lock:
            self._waiting.append(sealed(row))
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
            end["kind"] = END
            with self._lock:
                self._waiting.append(sealed(end))
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


def _sync_folder(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
