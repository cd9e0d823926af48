import numpy as np
import pytest

from hndp_core.data.joint_recording import JointRecording, UnusableRecording
from hndp_core.data.prepared_motion import PreparedMotion, prepare_motion
from hndp_core.data.still_ends import trim_still_ends
from hndp_core.errors import ShapeMismatch
from hndp_core.robots.safety import check_trajectory
from hndp_core.tasks import get_task

TASK = get_task("scooping")
HOME = np.array(TASK.home_joints)


def motion(
    rate_hz: float = 50.0,
    still_s: tuple[float, float] = (0.0, 0.0),
    moving_s: float = 6.0,
    offset: float = 0.0,
) -> JointRecording:
    """Joint 1 goes 0.6 rad there on a minimum-jerk path, from `offset` beside home."""
    time_s = np.arange(0.0, sum(still_s) + moving_s + 1e-9, 1 / rate_hz)
    share = np.clip((time_s - still_s[0]) / moving_s, 0.0, 1.0)
    way = 0.6 * share**3 * (10 - 15 * share + 6 * share**2)
    return JointRecording(time_s + 12.0, HOME + offset + way[:, None] * np.eye(7)[0])


def prepared(recording: JointRecording, trim: bool = True) -> PreparedMotion:
    return prepare_motion(recording, HOME, TASK.rollout_length, TASK.control_rate_hz, trim=trim)


def test_still_ends_are_cut_to_a_margin() -> None:
    trimmed = trim_still_ends(motion(still_s=(1.5, 2.0)))
    assert trimmed.cut
    # the path leaves its first 2 mrad slowly: that is still, too
    assert 1.4 <= trimmed.cut_start_s <= 2.1
    assert 1.9 <= trimmed.cut_end_s <= 2.6
    kept = trimmed.recording.joints[:, 0]
    assert kept[0] - HOME[0] < 0.002
    assert HOME[0] + 0.6 - kept[-1] < 0.002


def test_what_never_moves_is_not_cut() -> None:
    still = JointRecording(np.arange(50) / 50, np.tile(HOME, (50, 1)))
    assert not trim_still_ends(still).cut
    assert "nothing moved: no joint goes further than 0.05 rad" in prepared(still).warnings


@pytest.mark.parametrize("rate_hz", [10.0, 50.0, 237.0])
def test_any_rate_gives_the_same_motion_that_the_arm_may_execute(rate_hz: float) -> None:
    found = prepared(motion(rate_hz), trim=False)
    assert found.commands.shape == (350, 7)
    assert found.warnings == ()
    expected = prepared(motion(500.0), trim=False)
    np.testing.assert_allclose(found.commands, expected.commands, atol=1.5e-3)
    check_trajectory(found.start, found.commands, TASK.control_rate_hz)


def test_trimming_is_told_and_can_be_left_out() -> None:
    recording = motion(still_s=(2.0, 1.0))
    trimmed, whole = prepared(recording), prepared(recording, trim=False)
    assert trimmed.cut_start_s > 1.9
    assert (whole.cut_start_s, whole.cut_end_s) == (0.0, 0.0)
    assert whole.pace == pytest.approx(9 / 7, abs=0.01)
    assert trimmed.pace < whole.pace - 0.4


def test_motion_that_begins_elsewhere_is_led_in_from_home() -> None:
    found = prepared(motion(offset=0.3), trim=False)
    assert found.lead_in_s > 0.5
    np.testing.assert_allclose(found.commands[0], HOME, atol=0.01)
    check_trajectory(found.start, found.commands, TASK.control_rate_hz)


def test_small_offset_at_the_start_fades_away() -> None:
    found = prepared(motion(offset=0.009), trim=False)
    assert found.lead_in_s == 0.0
    np.testing.assert_allclose(found.commands[-1], HOME + 0.009 + 0.6 * np.eye(7)[0], atol=1e-6)
    check_trajectory(found.start, found.commands, TASK.control_rate_hz)


def test_haste_is_pointed_out_with_its_joint() -> None:
    [warning] = [each for each in prepared(_steep(), trim=False).warnings if "velocity" in each]
    assert warning.startswith("joint 1 reaches 1")


def _steep() -> JointRecording:
    share = np.linspace(0.0, 1.0, 351)
    turn = 2.8 * np.clip((share - 0.4) / 0.15, 0.0, 1.0)
    return JointRecording(share * 7, HOME + turn[:, None] * np.eye(7)[0])


def test_gap_is_pointed_out_with_its_time() -> None:
    whole = motion()
    kept = np.ones(len(whole.time_s), bool)
    kept[100:116] = False
    gappy = JointRecording(whole.time_s[kept], whole.joints[kept])
    assert "0.34 s without a sample at 1.98 s" in prepared(gappy, trim=False).warnings


def test_slow_file_has_no_gaps() -> None:
    assert prepared(motion(rate_hz=10.0), trim=False).warnings == ()


def test_one_leaping_sample_is_pointed_out() -> None:
    joints = motion().joints.copy()
    joints[150, 4] += 0.2
    spiky = JointRecording(motion().time_s, joints)
    assert any(each.startswith("joint 5 leaps at 2.98 s") for each in prepared(spiky, trim=False).warnings)


def test_posture_out_of_range_is_pointed_out() -> None:
    joints = motion().joints.copy()
    joints[:, 5] += 2.5 * np.linspace(0, 1, len(joints))
    assert any(
        "joint 6 stands at" in each for each in prepared(JointRecording(motion().time_s, joints)).warnings
    )


@pytest.mark.parametrize(
    ("times", "said"),
    [
        ([0.0, 0.02, 0.01], "Time does not go on at sample 3"),
        ([0.0, np.nan, 0.02], "Sample 2 holds no finite number"),
    ],
)
def test_samples_that_make_no_motion_are_refused(times: list[float], said: str) -> None:
    with pytest.raises(UnusableRecording, match=said):
        JointRecording(np.array(times), np.zeros((3, 7)))


def test_recording_survives_its_file() -> None:
    recording = JointRecording(np.arange(3.0), np.ones((3, 7)), np.zeros((3, 7)))
    again = JointRecording.from_bytes(recording.to_bytes())
    np.testing.assert_array_equal(again.time_s, recording.time_s)
    assert again.commanded is not None
    assert again.to_bytes() == recording.to_bytes()


def test_another_arm_is_refused() -> None:
    with pytest.raises(ShapeMismatch):
        prepared(JointRecording(np.arange(3.0), np.zeros((3, 6))))
