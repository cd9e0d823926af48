import numpy as np
import pytest
from scipy.spatial import Delaunay

from hndp_core.errors import InvalidSetting
from hndp_core.tasks import NoRegions, get_task

TASK = get_task("scooping")


def _places(regions, split):
    return np.array([(r.x_m, r.y_m) for r in regions if r.split == split])


@pytest.mark.parametrize("layout_seed", range(5))
def test_held_out_regions_lie_inside_the_hull_and_apart(layout_seed):
    regions = TASK.layout(layout_seed=layout_seed)
    TASK.check_regions(regions)
    train, held_out = _places(regions, "train"), _places(regions, "held_out")
    assert (len(train), len(held_out)) == (18, 10)
    assert (Delaunay(train).find_simplex(held_out) >= 0).all()
    everything = np.vstack([train, held_out])
    distances = np.linalg.norm(held_out[:, None] - everything[None], axis=2)
    distances[distances == 0] = np.inf
    assert distances.min() >= 0.025


def test_train_regions_cover_the_workspace():
    train = _places(TASK.layout(), "train")
    space = TASK.workspace
    grid = np.stack(
        np.meshgrid(
            np.linspace(space.x_min_m, space.x_max_m, 25), np.linspace(space.y_min_m, space.y_max_m, 25)
        ),
        axis=-1,
    ).reshape(-1, 2)
    assert np.linalg.norm(grid[:, None] - train[None], axis=2).min(axis=1).max() < 0.08


def test_layouts_repeat_and_differ_by_seed():
    assert TASK.layout(layout_seed=4) == TASK.layout(layout_seed=4)
    assert TASK.layout(layout_seed=4) != TASK.layout(layout_seed=5)


def test_other_counts_keep_numbering():
    names = [region.name for region in TASK.layout(train=3, held_out=2)]
    assert names == ["T1", "T2", "T3", "H1", "H2"]


def test_impossible_counts_are_refused():
    with pytest.raises(NoRegions):
        TASK.layout(train=0)
    with pytest.raises(InvalidSetting, match="held_out"):
        TASK.layout(held_out=-1)
    with pytest.raises(InvalidSetting, match="fewer regions"):
        TASK.layout(train=60, held_out=200)
