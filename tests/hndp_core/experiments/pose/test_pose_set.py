from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hndp_core.errors import InvalidSetting
from hndp_core.experiments.pose import PoseSettings, render_poses
from hndp_core.tasks import get_task
from hndp_core.tasks.panda.scooping import ScoopingTask

SETTINGS = PoseSettings(train=12, test=5)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("poses")


def test_approximate_positions_are_millimetres_off_the_exact_ones(folder: Path):
    train = render_poses(SETTINGS, "train", folder)
    assert train.images.shape == (12, 96, 96, 3)
    off_m = np.abs(train.approximate_m - train.exact_m)
    assert 0.0005 < off_m.mean() < 0.01
    space = get_task("scooping").workspace
    assert (train.exact_m >= (space.x_min_m, space.y_min_m)).all()
    assert (train.exact_m <= (space.x_max_m, space.y_max_m)).all()


def test_exact_positions_belong_to_their_images(folder: Path):
    """The bowl is blue: the further left it stands, the further left are blue pixels."""
    test = render_poses(SETTINGS, "test", folder)
    images = test.images.astype(float)
    blue = (images[..., 2] > 1.3 * images[..., 0]) & (images[..., 2] > 1.1 * images[..., 1])
    columns = np.array([np.nonzero(each)[1].mean() for each in blue])
    assert abs(np.corrcoef(columns, test.exact_m[:, 1])[0, 1]) > 0.95


def test_splits_share_no_scene_and_are_rendered_once(folder: Path, monkeypatch: pytest.MonkeyPatch):
    kept = [render_poses(SETTINGS, split, folder) for split in ("train", "test")]
    assert not set(map(tuple, kept[0].exact_m)) & set(map(tuple, kept[1].exact_m))
    monkeypatch.setattr(ScoopingTask, "build_scene", lambda task: pytest.fail("rendered"))
    for split, before in zip(("train", "test"), kept, strict=True):
        again = render_poses(SETTINGS, split, folder)
        assert np.array_equal(again.images, before.images)
        assert np.array_equal(again.exact_m, before.exact_m)


@pytest.mark.parametrize(("field", "value"), [("train", 9), ("test", 0)])
def test_refuses_too_few_images(field: str, value: int):
    with pytest.raises(InvalidSetting, match=field):
        replace(PoseSettings(), **{field: value})
