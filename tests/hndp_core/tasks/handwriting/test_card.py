import pytest

from hndp_core.errors import InvalidSetting
from hndp_core.tasks.handwriting.card import MOST_CARDS, Card, UnreadableCard


def _writers(layout_seed):
    return {
        Card.of_layout(layout_seed, index, held_out=held_out).writer
        for index in range(1, MOST_CARDS + 1)
        for held_out in (False, True)
    }


def test_a_subject_names_its_card():
    card = Card(7, 12)
    assert card.subject == "digit 7, writer 12"
    assert Card.named(card.subject) == card


@pytest.mark.parametrize(
    "subject", ["", "digit 7", "digit 12, writer 1", "digit 7, writer 1 or 2", "almonds"]
)
def test_what_names_no_card_is_refused(subject):
    with pytest.raises(UnreadableCard, match="digit 7, writer 12"):
        Card.named(subject)


def test_impossible_cards_are_refused():
    with pytest.raises(InvalidSetting, match="digit"):
        Card(10, 0)
    with pytest.raises(InvalidSetting, match="writer"):
        Card(0, -1)
    with pytest.raises(InvalidSetting, match="rack"):
        Card.of_layout(0, MOST_CARDS + 1, held_out=False)


def test_no_writer_serves_two_purposes():
    layouts = [_writers(seed) for seed in (0, 1, 2**31 - 1)]
    pretraining = {Card.for_pretraining(seed, number).writer for seed in (0, 1) for number in range(200)}
    judge = {Card.for_judge(number).writer for number in range(200)}
    everyone = [*layouts, pretraining, judge]
    assert [len(each) for each in layouts] == [2 * MOST_CARDS] * 3
    assert sum(map(len, everyone)) == len(set.union(*everyone))
