from dataclasses import replace

import pytest

from hndp_core.errors import InvalidSetting
from hndp_core.tasks import Level, get_task
from hndp_core.tasks.ladder import HUMAN, VARIED, ladder

LEVELS = {level.name: level for level in ladder(default="clean", tolerance=0.5)}


def test_each_step_adds_to_the_one_before():
    clean, human, varied, cluttered, tight = list(LEVELS.values())[:5]
    assert clean == Level("clean", clean.meaning)
    assert human == replace(clean, name="human", meaning=human.meaning, hand=HUMAN)
    assert varied == replace(human, name="varied", meaning=varied.meaning, variation=VARIED)
    crowd = replace(VARIED, distractors=cluttered.variation.distractors)
    assert crowd.distractors > 0
    assert cluttered == replace(varied, name="cluttered", meaning=cluttered.meaning, variation=crowd)
    assert tight == replace(cluttered, name="tight", meaning=tight.meaning, tolerance=0.5)


@pytest.mark.parametrize("default", ["clean", "cluttered"])
def test_few_and_fewest_are_the_default_with_fewer_regions(default):
    levels = {level.name: level for level in ladder(default=default, tolerance=0.5)}
    for name, count in (("few", 8), ("fewest", 4)):
        few = levels[name]
        assert (
            replace(few, name=default, meaning=levels[default].meaning, train_regions=None) == levels[default]
        )
        assert few.train_regions == count
        assert default in few.meaning


@pytest.mark.parametrize("setting", [{"tolerance": 0.0}, {"tolerance": 1.5}, {"train_regions": 0}])
def test_impossible_levels_are_refused(setting):
    with pytest.raises(InvalidSetting, match=next(iter(setting))):
        Level("odd", "cannot be", **setting)


@pytest.mark.parametrize("name", ["scooping", "pouring"])
def test_fewer_regions_are_the_first_of_the_full_layout(name):
    """So that success over the number of regions is measured at the same held-out places."""
    full = get_task(name).layout(layout_seed=3)
    few = get_task(f"{name}@few").layout(layout_seed=3)
    train = [region for region in full if region.split == "train"]
    assert few == (*train[:8], *full[len(train) :])
