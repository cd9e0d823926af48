import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hndp_core.errors import UnknownName
from hndp_core.hierarchy.gates import LabelEvent, gates_from_labels, majority_gate, snapshot_hash

COUNTED = st.lists(st.sampled_from(["success", "failure"]), min_size=1, max_size=9)


@settings(deadline=None)
@given(COUNTED)
def test_a_gate_opens_only_where_most_trials_succeeded(labels):
    successes = labels.count("success")
    assert majority_gate(labels, len(labels)) == int(successes > len(labels) - successes)


@settings(deadline=None)
@given(COUNTED, st.integers(1, 4))
def test_invalid_trials_are_not_counted(labels, invalid):
    assert majority_gate([*labels, *["invalid"] * invalid], len(labels)) == majority_gate(labels, len(labels))


@settings(deadline=None)
@given(COUNTED, st.sampled_from([None, "invalid"]))
def test_unlabelled_or_invalid_is_not_failure(labels, last):
    assert majority_gate([*labels, last], len(labels) + 1) is None


def test_a_tie_leaves_the_gate_shut():
    assert majority_gate(["success", "failure"], 2) == 0


def test_a_word_that_is_no_label_is_refused():
    with pytest.raises(UnknownName, match="no label 'maybe'"):
        majority_gate(["maybe"], 1)


def test_no_gate_is_set_before_every_region_is_ready():
    assert gates_from_labels({1: ["success"], 2: [None]}, 1) is None
    assert gates_from_labels({1: ["success"], 2: ["failure"]}, 1) == {1: 1, 2: 0}


def test_the_snapshot_hash_depends_on_the_events_and_not_on_their_order():
    first = LabelEvent(1, "trial-a", "ana", "success")
    second = LabelEvent(2, "trial-b", "ana", "failure")
    correction = LabelEvent(3, "trial-a", "ben", "failure")
    assert snapshot_hash([first, second]) == snapshot_hash([second, first])
    hashes = {snapshot_hash(events) for events in ([], [first], [first, second], [first, second, correction])}
    assert len(hashes) == 4
