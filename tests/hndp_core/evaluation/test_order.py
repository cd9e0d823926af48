from collections import Counter

import pytest

from hndp_core.errors import InvalidSetting
from hndp_core.evaluation.order import drawn_letters, interleaved_order, scene_seed


def test_each_block_holds_every_policy_once_in_every_region_side_by_side():
    turns = interleaved_order(3, 4, 5, seed=1)
    assert len(turns) == 60
    for block in range(5):
        here = turns[12 * block : 12 * (block + 1)]
        assert {turn.block for turn in here} == {block}
        assert Counter((turn.region, turn.policy) for turn in here).most_common(1)[0][1] == 1
        for place in range(0, 12, 3):
            together = here[place : place + 3]
            assert {turn.policy for turn in together} == {0, 1, 2}
            assert len({turn.region for turn in together}) == 1


def test_the_order_is_drawn_anew_in_each_block_and_again_by_the_seed():
    turns = interleaved_order(2, 10, 6, seed=1)
    regions = [tuple(turn.region for turn in turns if turn.block == block) for block in range(6)]
    assert len(set(regions)) == 6
    firsts = Counter(turn.policy for turn in turns[::2])
    assert min(firsts.values()) > 15, "each policy is first about half of the time"
    assert turns == interleaved_order(2, 10, 6, seed=1) != interleaved_order(2, 10, 6, seed=2)


def test_every_policy_gets_every_letter_sooner_or_later():
    drawn = [drawn_letters(3, seed) for seed in range(60)]
    assert all(sorted(each) == ["A", "B", "C"] for each in drawn)
    assert {each[0] for each in drawn} == {"A", "B", "C"}


def test_paired_trials_share_their_scene_and_others_do_not():
    paired = scene_seed(5, "held_out", 2, 0)
    assert paired == scene_seed(5, "held_out", 2, 0, attempt=3)
    seeds = {
        scene_seed(5, split, index, repeat, letter=letter, attempt=attempt)
        for split in ("train", "held_out")
        for index in (1, 2)
        for repeat in (0, 1)
        for letter in ("A", "B")
        for attempt in (0, 1)
    }
    assert len(seeds | {paired}) == 33


@pytest.mark.parametrize("plan", [(1, 3, 3), (7, 3, 3), (2, 0, 3), (2, 3, 0)])
def test_plans_that_compare_nothing_are_refused(plan: tuple[int, int, int]):
    with pytest.raises(InvalidSetting):
        interleaved_order(*plan, seed=0)
