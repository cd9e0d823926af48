from dataclasses import replace

import pytest

from hndp_core.errors import InvalidSetting, RegionOutOfReach
from hndp_core.tasks import DuplicateRegion, NoRegions
from hndp_core.tasks.handwriting.card import Card, UnreadableCard
from hndp_core.tasks.panda.writing import SharedCard, WritingTask

TASK = WritingTask("clean")


def _cards(regions, split):
    return [Card.named(each.subject) for each in regions if each.split == split]


def test_each_digit_is_demonstrated_once_and_held_out_once():
    layout = TASK.layout()
    for split in ("train", "held_out"):
        assert [card.digit for card in _cards(layout, split)] == list(range(10))


def test_no_writer_wrote_two_cards_of_any_layout():
    writers = [Card.named(region.subject).writer for seed in range(4) for region in TASK.layout(30, 30, seed)]
    assert len(set(writers)) == len(writers) == 240


def test_full_rack_fits_its_place():
    TASK.check_regions(TASK.layout(30, 30))
    with pytest.raises(InvalidSetting, match="0 to 30 cards"):
        TASK.layout(31)
    with pytest.raises(InvalidSetting, match="held_out"):
        TASK.layout(held_out=-1)
    with pytest.raises(NoRegions):
        TASK.layout(train=0)


def test_layouts_repeat_and_differ_by_seed():
    assert TASK.layout(layout_seed=4) == TASK.layout(layout_seed=4)
    assert TASK.layout(layout_seed=4) != TASK.layout(layout_seed=5)


def test_regions_without_a_usable_card_are_refused():
    layout = TASK.layout()
    with pytest.raises(UnreadableCard):
        TASK.check_regions([replace(layout[0], subject="")])
    with pytest.raises(SharedCard, match="T1 and H1"):
        TASK.check_regions([*layout[:10], replace(layout[10], subject=layout[0].subject)])
    with pytest.raises(DuplicateRegion):
        TASK.check_regions([layout[0], replace(layout[1], x_m=layout[0].x_m, y_m=layout[0].y_m)])
    with pytest.raises(RegionOutOfReach):
        TASK.check_regions([replace(layout[0], y_m=-0.3)])


def test_the_rule_states_the_bound_of_the_level():
    bounds = [WritingTask(level.name).path_bound_m for level in TASK.levels]
    assert bounds == sorted(bounds, reverse=True)
    assert bounds[-1] < bounds[0]
    for level in TASK.levels:
        task = WritingTask(level.name)
        assert f" {1000 * task.path_bound_m:.3g} mm" in task.success_rule
