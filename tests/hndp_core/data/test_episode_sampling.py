from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from hndp_core.data.episode_file import EpisodeHeader, read_episode
from hndp_core.data.episode_log import EpisodeLog
from hndp_core.data.episode_sampling import Sampling, record_episode
from hndp_core.errors import InvalidSetting


class FakeTime:
    """A clock that stands still unless somebody sleeps, or reading takes its time."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def clock(self) -> float:
        return self.now_s

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0
        self.now_s += seconds


def _record(path: Path, slow: dict[int, float], duration_s: float = 1.0) -> tuple[Sampling, np.ndarray]:
    """Record at 50 Hz while reading sample n takes slow[n] seconds; returns the times that were kept."""
    fake, numbers = FakeTime(), iter(range(10_000))

    def read_joints() -> np.ndarray:
        number = next(numbers)
        fake.sleep(slow.get(number, 0.0))
        return np.full(7, float(number))

    with EpisodeLog(path, EpisodeHeader(50.0, "scooping@clean", "T1")) as log:
        sampling = record_episode(
            read_joints, 50.0, log, lambda: False, duration_s, clock=fake.clock, sleep=fake.sleep
        )
    recording = read_episode(path).recording
    assert recording is not None
    np.testing.assert_array_equal(recording.joints[:, 0], np.arange(sampling.samples))
    return sampling, recording.time_s


def test_samples_come_at_the_rate_until_the_greatest_duration(tmp_path: Path) -> None:
    sampling, times = _record(tmp_path / "a", {})
    assert (sampling.samples, sampling.ran_out) == (51, True)
    assert (sampling.duration_s, sampling.greatest_gap_s) == pytest.approx((1.0, 0.02))
    np.testing.assert_allclose(times, np.arange(51) / 50, atol=1e-9)


def test_late_sample_does_not_shift_the_others(tmp_path: Path) -> None:
    _, times = _record(tmp_path / "a", {10: 0.013})
    expected = np.arange(51) / 50
    expected[10] += 0.013
    np.testing.assert_allclose(times, expected, atol=1e-9)


def test_missed_deadlines_are_left_out_and_the_gap_is_told(tmp_path: Path) -> None:
    sampling, times = _record(tmp_path / "a", {10: 0.11})
    assert sampling.greatest_gap_s == pytest.approx(0.13)
    assert np.diff(times).min() > 0.009  # no burst
    assert (~np.isclose(times * 50, np.round(times * 50), atol=1e-6)).sum() == 1  # only the late one


def test_it_stops_when_told(tmp_path: Path) -> None:
    answers: Iterator[bool] = iter([False] * 7 + [True])
    with EpisodeLog(tmp_path / "a", EpisodeHeader(1000.0, "scooping@clean", "T1", has_commanded=True)) as log:
        sampling = record_episode(
            lambda: np.zeros(7), 1000.0, log, lambda: next(answers), 60.0, read_commanded=lambda: np.ones(7)
        )
    assert (sampling.samples, sampling.ran_out) == (7, False)
    recording = read_episode(tmp_path / "a").recording
    assert recording is not None
    np.testing.assert_array_equal(recording.commanded, np.ones((7, 7)))


@pytest.mark.parametrize(("rate_hz", "duration_s"), [(0.0, 1.0), (50.0, 0.0), (float("nan"), 1.0)])
def test_rates_and_durations_out_of_range_are_refused(
    tmp_path: Path, rate_hz: float, duration_s: float
) -> None:
    with (
        EpisodeLog(tmp_path / "a", EpisodeHeader(50.0, "scooping@clean", "T1")) as log,
        pytest.raises(InvalidSetting),
    ):
        record_episode(lambda: np.zeros(7), rate_hz, log, lambda: True, duration_s)
