import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from hndp_core.data.episode_file import read_episode
from hndp_core.data.episode_log import EpisodeLog, RecordingDiskFull
from hndp_core.errors import ShapeMismatch

from .test_episode_file import HEADER, JOINTS, kept_rows, write


def test_error_in_the_block_keeps_the_rows_without_an_end(tmp_path: Path) -> None:
    def record_and_fail() -> None:
        with EpisodeLog(tmp_path / "a", HEADER) as log:
            for row in range(3):
                log.append(row / 50, JOINTS[row])
            raise KeyError

    with pytest.raises(KeyError):
        record_and_fail()
    assert kept_rows(tmp_path / "a") == 3
    assert not read_episode(tmp_path / "a").complete


def test_a_recording_that_was_to_go_on_has_no_end(tmp_path: Path) -> None:
    with EpisodeLog(tmp_path / "a", HEADER) as log:
        for row in range(10):
            log.append(row / 50, JOINTS[row])
        log.cut_off()
    assert kept_rows(tmp_path / "a") == 10
    assert not read_episode(tmp_path / "a").complete


def test_the_image_at_the_start_lies_beside_the_log(tmp_path: Path) -> None:
    with EpisodeLog(tmp_path / "a", HEADER) as log:
        log.keep_start_image(b"a picture")
    assert (tmp_path / "start.png").read_bytes() == b"a picture"


def test_no_room_for_the_image_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, content: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with EpisodeLog(tmp_path / "a", HEADER) as log, pytest.raises(RecordingDiskFull):
        log.keep_start_image(b"a picture")


def test_log_that_is_there_is_not_overwritten(tmp_path: Path) -> None:
    write(tmp_path / "a")
    with pytest.raises(FileExistsError):
        EpisodeLog(tmp_path / "a", HEADER)
    assert kept_rows(tmp_path / "a") == 10


def test_row_that_does_not_fit_the_header_is_refused(tmp_path: Path) -> None:
    with EpisodeLog(tmp_path / "a", HEADER) as log:
        with pytest.raises(ShapeMismatch):
            log.append(0.0, np.zeros(6))
        with pytest.raises(ShapeMismatch):
            log.append(0.0, np.zeros(7), np.zeros(7))


def test_full_disk_ends_the_recording_and_keeps_what_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk takes 450 bytes more: some rows whole, and a torn one."""
    room, write = 450, os.write

    def little_room(file: int, content: bytes) -> int:
        nonlocal room
        if room == 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        written = write(file, bytes(content)[:room])
        room -= written
        return written

    def record() -> None:
        with EpisodeLog(tmp_path / "a", HEADER, write_period_s=0.005) as log:
            monkeypatch.setattr(os, "write", little_room)
            for row in range(10_000):
                log.append(row / 50, JOINTS[row % 10])
                time.sleep(0.002)

    with pytest.raises(RecordingDiskFull, match=r"first 0\.\d s are kept"):
        record()
    monkeypatch.undo()
    assert 2 <= kept_rows(tmp_path / "a") == 450 // HEADER.row_type().itemsize
    assert not read_episode(tmp_path / "a").complete


def test_no_room_for_a_first_byte_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(file: int, content: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(RecordingDiskFull):
        EpisodeLog(tmp_path / "a", HEADER)
    assert list(tmp_path.iterdir()) == []


RECORD = """
import sys
import time
from pathlib import Path
import numpy as np
from hndp_core.data.episode_file import EpisodeHeader
from hndp_core.data.episode_log import EpisodeLog
log = EpisodeLog(Path(sys.argv[1]), EpisodeHeader(200.0, "scooping@clean", "T3"))
began = time.monotonic()
while True:
    now = time.monotonic() - began
    log.append(now, np.full(7, now))
    print(now, flush=True)
    time.sleep(0.005)
"""


def test_killed_process_loses_less_than_a_second(tmp_path: Path) -> None:
    lost = []
    for run, seconds in enumerate((0.31, 0.72)):
        path = tmp_path / str(run)
        with subprocess.Popen(
            [sys.executable, "-c", RECORD, str(path)], stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            taken = [float(process.stdout.readline())]
            while taken[-1] < seconds:
                taken.append(float(process.stdout.readline()))
            process.send_signal(signal.SIGKILL)
            taken += [float(line) for line in process.stdout if line.endswith("\n")]
        episode = read_episode(path)
        assert not episode.complete
        kept = episode.recording
        assert kept is not None
        np.testing.assert_array_equal(kept.joints[:, 0], kept.time_s)
        lost.append(taken[-1] - kept.time_s[-1])
    assert max(lost) < 1.0
