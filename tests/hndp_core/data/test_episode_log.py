import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hndp_core.data.episode_log import (
    EpisodeHeader,
    EpisodeLog,
    RecordingDiskFull,
    UnreadableEpisode,
    read_episode,
)
from hndp_core.errors import ShapeMismatch

HEADER = EpisodeHeader(50.0, "scooping@clean", "T3", "start.png", reference={"region": 3})
JOINTS = np.arange(70.0).reshape(10, 7)


def _write(path: Path, header: EpisodeHeader = HEADER, rows: int = 10) -> None:
    with EpisodeLog(path, header) as log:
        for row in range(rows):
            log.append(row / 50, JOINTS[row], JOINTS[row] + 1 if header.has_commanded else None)


@pytest.mark.parametrize("has_commanded", [False, True])
def test_what_was_appended_is_read(tmp_path: Path, has_commanded: bool) -> None:
    header = EpisodeHeader(50.0, "scooping@clean", "T3", has_commanded=has_commanded)
    _write(tmp_path / "a", header)
    episode = read_episode(tmp_path / "a")
    assert episode.complete
    assert episode.header == header
    assert episode.recording is not None
    np.testing.assert_array_equal(episode.recording.joints, JOINTS)
    np.testing.assert_array_equal(episode.recording.time_s, np.arange(10) / 50)
    if has_commanded:
        np.testing.assert_array_equal(episode.recording.commanded, JOINTS + 1)
    else:
        assert episode.recording.commanded is None


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("log") / "whole"
    _write(path)
    return path.read_bytes()


def _kept(path: Path) -> int:
    """Rows of a log that are those that were appended; none may differ."""
    recording = read_episode(path).recording
    if recording is None:
        return 0
    np.testing.assert_array_equal(recording.joints, JOINTS[: len(recording.joints)])
    return len(recording.joints)


@settings(max_examples=60, deadline=None)
@given(share=st.floats(0.0, 1.0), noise=st.binary(max_size=200))
def test_any_truncation_and_any_garbage_behind_it_give_a_prefix(
    written: bytes, tmp_path_factory: pytest.TempPathFactory, share: float, noise: bytes
) -> None:
    path = tmp_path_factory.mktemp("torn") / "torn"
    row = HEADER.row_type().itemsize
    header_end = len(written) - 11 * row
    cut = int(share * len(written))
    path.write_bytes(written[:cut] + noise)
    if cut < header_end and not written.startswith(written[:cut] + noise):
        with pytest.raises(UnreadableEpisode):
            read_episode(path)
        return
    if cut < header_end:
        path.write_bytes(written[:cut])
        with pytest.raises(UnreadableEpisode):
            read_episode(path)
        return
    whole = min((cut - header_end) // row, 10)
    assert _kept(path) in ({0, whole} if whole < 2 else {whole, whole + 1})
    assert read_episode(path).complete == (cut == len(written))


def test_flipped_bit_ends_the_recording_there(written: bytes, tmp_path: Path) -> None:
    row = HEADER.row_type().itemsize
    damaged = bytearray(written)
    damaged[len(written) - 5 * row] ^= 1  # the seventh of ten rows; the last is the end
    (tmp_path / "a").write_bytes(damaged)
    assert _kept(tmp_path / "a") == 6
    assert not read_episode(tmp_path / "a").complete


def test_error_in_the_block_keeps_the_rows_without_an_end(tmp_path: Path) -> None:
    def record_and_fail() -> None:
        with EpisodeLog(tmp_path / "a", HEADER) as log:
            for row in range(3):
                log.append(row / 50, JOINTS[row])
            raise KeyError

    with pytest.raises(KeyError):
        record_and_fail()
    assert _kept(tmp_path / "a") == 3
    assert not read_episode(tmp_path / "a").complete


def test_a_recording_that_was_to_go_on_has_no_end(tmp_path: Path) -> None:
    with EpisodeLog(tmp_path / "a", HEADER) as log:
        for row in range(10):
            log.append(row / 50, JOINTS[row])
        log.cut_off()
    assert _kept(tmp_path / "a") == 10
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
    _write(tmp_path / "a")
    with pytest.raises(FileExistsError):
        EpisodeLog(tmp_path / "a", HEADER)
    assert _kept(tmp_path / "a") == 10


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
    assert 2 <= _kept(tmp_path / "a") == 450 // HEADER.row_type().itemsize
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
from hndp_core.data.episode_log import EpisodeHeader, EpisodeLog
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
