"""Up-time, held against a walk minute by minute."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.dashboards.up_time import up_shares

BEGIN = datetime(2026, 5, 30, tzinfo=UTC)
RUNS = st.lists(st.tuples(st.integers(0, 400), st.integers(1, 90)), min_size=1, max_size=8).map(sorted)


def at(minute: int) -> datetime:
    return BEGIN + timedelta(minutes=minute)


@given(RUNS, st.lists(st.integers(0, 500), min_size=2, max_size=6, unique=True).map(sorted))
def test_shares_are_those_of_single_minutes(runs: list[tuple[int, int]], edges: list[int]) -> None:
    up = {minute for began, length in runs for minute in range(began, began + length)}
    known = runs[0][0]
    expected = []
    for first, last in pairwise(edges):
        asked = range(max(first, known), last)
        expected.append(sum(minute in up for minute in asked) / len(asked) if asked else None)
    found = up_shares(
        [(at(began), at(began + length)) for began, length in runs], at(known), list(map(at, edges))
    )
    assert found == [None if share is None else pytest.approx(share) for share in expected]


def test_before_the_first_start_nothing_was_missed() -> None:
    assert up_shares([(at(60), at(120))], at(60), [at(0), at(30), at(90)]) == [None, 1.0]


def test_a_cell_that_ran_once_and_not_since_was_down() -> None:
    assert up_shares([], at(0), [at(60), at(120)]) == [0.0]
