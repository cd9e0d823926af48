import pytest

from hndp_core.errors import InvalidSetting, RegionOutOfReach
from hndp_core.tasks import DuplicateRegion, NoRegions, Region, Workspace
from hndp_core.tasks.region import check_regions

SPACE = Workspace(0.4, 0.6, -0.1, 0.1)
INSIDE = Region(1, "train", 0.5, 0.0)


def test_names_tell_split_and_number():
    assert Region(3, "train", 0.5, 0.0).name == "T3"
    assert Region(2, "held_out", 0.5, 0.0).name == "H2"


def test_good_regions_pass():
    check_regions([INSIDE, Region(1, "held_out", 0.4, -0.1)], SPACE)


@pytest.mark.parametrize("regions", [[], [Region(1, "held_out", 0.5, 0.0)]])
def test_no_train_region_is_refused(regions):
    with pytest.raises(NoRegions, match="add at least one"):
        check_regions(regions, SPACE)


@pytest.mark.parametrize(
    ("x", "y"), [(0.39, 0.0), (0.61, 0.0), (0.5, -0.11), (0.5, 0.11), (float("nan"), 0.0)]
)
def test_out_of_reach_is_refused_with_the_workspace(x, y):
    with pytest.raises(RegionOutOfReach, match=r"T2 .* x 0\.4 to 0\.6 m"):
        check_regions([INSIDE, Region(2, "train", x, y)], SPACE)


def test_same_name_is_refused():
    with pytest.raises(DuplicateRegion, match="T1 and T1 have the same name"):
        check_regions([INSIDE, Region(1, "train", 0.45, 0.0)], SPACE)


def test_same_place_is_refused_across_splits():
    with pytest.raises(DuplicateRegion, match="T1 and H1 have the same place"):
        check_regions([INSIDE, Region(1, "held_out", 0.50004, 0.0)], SPACE)


@pytest.mark.parametrize(("index", "split"), [(0, "train"), (1, "test")])
def test_region_checks_itself(index, split):
    with pytest.raises(InvalidSetting):
        Region(index, split, 0.5, 0.0)


def test_workspace_needs_area():
    with pytest.raises(InvalidSetting):
        Workspace(0.4, 0.4, -0.1, 0.1)
