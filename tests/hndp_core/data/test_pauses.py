"""Pauses are cut out, and nothing else."""

import numpy as np
import pytest

from hndp_core.data.joint_recording import JointRecording, UnusableRecording
from hndp_core.data.pauses import PAUSE_S, without_pauses

PERIOD_S = 0.02


def recording(*turns: tuple[float, int]) -> JointRecording:
    """Joint 2 turns by so much in each of so many samples, [rad] and samples, after a first one at 0."""
    steps = np.concatenate([[0.0], *(np.full(count, turn) for turn, count in turns)])
    joints = np.zeros((len(steps), 7))
    joints[:, 1] = np.cumsum(steps)
    return JointRecording(PERIOD_S * np.arange(len(steps)), joints)


def test_a_pause_is_cut_out_and_the_path_stays() -> None:
    kept = without_pauses(recording((0.01, 30), (0.0, 200), (-0.01, 20)))
    assert kept.duration_s == pytest.approx(50 * PERIOD_S)
    np.testing.assert_allclose(kept.joints, recording((0.01, 30), (-0.01, 20)).joints, atol=1e-12)


def test_pauses_at_the_ends_go_too() -> None:
    kept = without_pauses(recording((0.0, 40), (0.01, 30), (0.0, 60)))
    assert kept.duration_s == pytest.approx(30 * PERIOD_S)


def test_a_short_rest_belongs_to_the_motion() -> None:
    whole = recording((0.01, 30), (0.0, round(PAUSE_S / PERIOD_S) - 2), (0.01, 20))
    assert without_pauses(whole).duration_s == pytest.approx(whole.duration_s)


def test_an_arm_that_never_moved_is_no_demonstration() -> None:
    with pytest.raises(UnusableRecording, match="did not move"):
        without_pauses(recording((0.0, 100)))
