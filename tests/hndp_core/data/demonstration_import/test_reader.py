from io import BytesIO

import numpy as np
import pytest

from hndp_core.data.demonstration_import import ImportOptions, UnusableFile, read_motion
from hndp_core.errors import InvalidSetting

JOINTS = np.random.default_rng(0).normal(0.0, 0.5, (5, 7))
TIMES = np.array([0.0, 0.1, 0.25, 0.3, 0.4])


def _csv(rows: np.ndarray, head: str | None = None, delimiter: str = ",") -> bytes:
    lines = [delimiter.join(repr(float(each)) for each in row) for row in rows]
    return "\n".join([*([head] if head else []), *lines, ""]).encode()


def _npz(**arrays: np.ndarray) -> bytes:
    buffer = BytesIO()
    np.savez(buffer, **arrays)  # type: ignore[arg-type]
    return buffer.getvalue()


HOLED = np.where(np.arange(35).reshape(5, 7) == 9, np.nan, JOINTS)
TIMED = np.column_stack([TIMES, JOINTS])
NAMED = "time [s],q1,q2,q3,q4,q5,q6,q7"


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("a.csv", _csv(TIMED, NAMED)),
        ("a.CSV", _csv(TIMED)),
        ("a.txt", _csv(TIMED, delimiter="\t")),
        ("a.csv", _csv(TIMED, delimiter=" ")),
        ("a.csv", b"# recorded by hand\n\n" + _csv(TIMED, NAMED.replace(",", ";"), ";")),
        (
            "a.csv",
            _csv(
                TIMED[:, [7, 6, 5, 4, 3, 2, 1, 0]],
                "Joint_6,joint_5,joint_4,joint_3,joint_2,joint_1,joint_0,t",
            ),
        ),
        ("a.csv", _csv(np.column_stack([1e3 * TIMES, JOINTS]), "timestamp_ms,j1,j2,j3,j4,j5,j6,j7")),
        ("a.npz", _npz(time_s=TIMES, joints=JOINTS)),
        ("a.npz", _npz(commanded=JOINTS, t=TIMES, measured=JOINTS + 1)),
    ],
)
def test_every_way_of_writing_a_motion_gives_it(file: str, content: bytes) -> None:
    found = read_motion(file, content)
    np.testing.assert_allclose(found.recording.joints, JOINTS)
    np.testing.assert_allclose(found.recording.time_s, TIMES)
    assert found.notes == ()


def test_rate_stands_in_for_times() -> None:
    found = read_motion("a.csv", _csv(JOINTS), ImportOptions(rate_hz=20.0))
    np.testing.assert_allclose(found.recording.time_s, np.arange(5) / 20)
    assert found.notes == ("It holds no time stamps: taken as 20 samples a second.",)


def test_degrees_are_noticed() -> None:
    found = read_motion("a.csv", _csv(np.column_stack([TIMES, np.rad2deg(JOINTS)]), NAMED))
    np.testing.assert_allclose(found.recording.joints, JOINTS)
    assert found.notes == ("The angles are taken for degrees.",)


def test_other_columns_are_left_out_and_named() -> None:
    head = f"{NAMED},dq1,gripper_width"
    found = read_motion("a.csv", _csv(np.column_stack([TIMED, JOINTS[:, :2]]), head))
    np.testing.assert_allclose(found.recording.joints, JOINTS)
    assert found.notes == ("Columns left out: dq1, gripper_width.",)


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("a.csv", b"", "a.csv: it is empty"),
        ("a.bag", b"x", "Choose one that ends in .csv"),
        ("a.csv", b"\xff\xfe\x00", "it is no text"),
        ("a.csv", NAMED.encode(), "no row below its header"),
        ("a.csv", _csv(JOINTS[:, :6]), "6 columns without names"),
        ("a.csv", _csv(TIMED, NAMED.replace("q3", "elbow")), "row 1 names no column q3"),
        ("a.csv", _csv(TIMED, NAMED) + b"1,2,3\n", "row 7 has 3 columns, the first one 8"),
        (
            "a.csv",
            _csv(TIMED, NAMED).replace(b"0.25", b"0.2x"),
            "row 4, column 1 \\(time \\[s\\]\\) holds '0.2x'",
        ),
        (
            "a.csv",
            _csv(HOLED),
            "row 2, column 3 holds 'nan'",
        ),
        ("a.csv", _csv(TIMED[::-1], NAMED), "Time does not go on at sample 2"),
        ("a.npz", b"PK broken", "it is no npz file"),
        ("a.npz", _npz(angles=JOINTS), "none of its arrays \\(angles\\)"),
        ("a.npz", _npz(joints=JOINTS[:, :6]), "array joints has shape \\(5, 6\\)"),
        ("a.npz", _npz(joints=np.array(["a"] * 7)[None]), "It takes numbers"),
        ("a.zip", b"PK broken", "it is no whole zip file"),
    ],
)
def test_unusable_files_are_refused_with_the_place(file: str, content: bytes, said: str) -> None:
    with pytest.raises(UnusableFile, match=said) as refused:
        read_motion(file, content)
    assert refused.value.field == "file"


def test_times_that_are_missing_are_asked_for() -> None:
    with pytest.raises(UnusableFile, match="no time stamps") as refused:
        read_motion("a.csv", _csv(JOINTS))
    assert refused.value.field == "rate_hz"


def test_pickled_content_is_never_loaded() -> None:
    with pytest.raises(UnusableFile, match="no npz file of plain arrays"):
        read_motion("a.npz", _npz(joints=np.array([[print] * 7], dtype=object)))


@pytest.mark.parametrize("options", [{"rate_hz": 0.0}, {"rate_hz": float("inf")}, {"episode": -1}])
def test_options_out_of_range_are_refused(options: dict[str, float]) -> None:
    with pytest.raises(InvalidSetting):
        ImportOptions(**options)  # type: ignore[arg-type]
