from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hndp_core.data.episode_file import EpisodeHeader, UnreadableEpisode, read_episode
from hndp_core.data.episode_log import EpisodeLog

HEADER = EpisodeHeader(50.0, "scooping@clean", "T3", "start.png", reference={"region": 3})
JOINTS = np.arange(70.0).reshape(10, 7)


def write(path: Path, header: EpisodeHeader = HEADER, rows: int = 10) -> None:
    with EpisodeLog(path, header) as log:
        for row in range(rows):
            log.append(row / 50, JOINTS[row], JOINTS[row] + 1 if header.has_commanded else None)


@pytest.mark.parametrize("has_commanded", [False, True])
def test_what_was_appended_is_read(tmp_path: Path, has_commanded: bool) -> None:
    header = EpisodeHeader(50.0, "scooping@clean", "T3", has_commanded=has_commanded)
    write(tmp_path / "a", header)
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
    write(path)
    return path.read_bytes()


def kept_rows(path: Path) -> int:
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
    assert kept_rows(path) in ({0, whole} if whole < 2 else {whole, whole + 1})
    assert read_episode(path).complete == (cut == len(written))


def test_flipped_bit_ends_the_recording_there(written: bytes, tmp_path: Path) -> None:
    row = HEADER.row_type().itemsize
    damaged = bytearray(written)
    damaged[len(written) - 5 * row] ^= 1  # the seventh of ten rows; the last is the end
    (tmp_path / "a").write_bytes(damaged)
    assert kept_rows(tmp_path / "a") == 6
    assert not read_episode(tmp_path / "a").complete
