import pickle
from io import BytesIO

import numpy as np
import pytest

from hndp_core.data.trajectory import UnreadableTrajectory, pack_arrays, resample, unpack_arrays
from hndp_core.errors import InvalidSetting, ShapeMismatch

JOINTS = np.random.default_rng(0).normal(size=(350, 7))


def test_round_trip_keeps_every_bit():
    arrays = {"commanded": JOINTS, "image": np.arange(12, dtype=np.uint8).reshape(2, 2, 3)}
    loaded = unpack_arrays(pack_arrays(arrays))
    assert loaded.keys() == arrays.keys()
    for name, array in arrays.items():
        np.testing.assert_array_equal(loaded[name], array)
        assert loaded[name].dtype == array.dtype


def test_equal_arrays_give_equal_bytes():
    assert pack_arrays({"joints": JOINTS}) == pack_arrays({"joints": JOINTS.copy()})


def test_objects_are_refused():
    with pytest.raises(InvalidSetting, match="array of objects"):
        pack_arrays({"joints": np.array([{}], dtype=object)})


def test_pickles_are_never_loaded():
    buffer = BytesIO()
    np.savez(buffer, joints=np.array([{}], dtype=object))
    for content in (buffer.getvalue(), pickle.dumps(JOINTS)):
        with pytest.raises(UnreadableTrajectory):
            unpack_arrays(content)


@pytest.mark.parametrize("keep", [0, 10, 500])
def test_cut_files_are_refused(keep):
    with pytest.raises(UnreadableTrajectory, match="restore"):
        unpack_arrays(pack_arrays({"joints": JOINTS})[:keep])


@pytest.mark.parametrize("steps", [175, 350, 1000])
def test_resampling_keeps_the_motion(steps):
    def motion(rows):
        s = np.arange(1, rows + 1)[:, None] / rows
        return np.hstack([1 - np.cos(2 * s), s**2])

    np.testing.assert_allclose(resample(np.zeros(2), motion(350), steps), motion(steps), atol=1e-7)


def test_resampling_checks_its_input():
    with pytest.raises(InvalidSetting):
        resample(np.zeros(7), JOINTS, 0)
    with pytest.raises(ShapeMismatch):
        resample(np.zeros(6), JOINTS, 10)
