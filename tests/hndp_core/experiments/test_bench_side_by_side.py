import numpy as np

from hndp_core.experiments.bench.side_by_side import Timing, side_by_side


def test_ways_take_turns_and_every_call_counts_but_the_first():
    calls: list[str] = []
    timings = side_by_side(
        {"one": lambda: calls.append("one"), "two": lambda: calls.append("two")}, rounds=3, turn_s=0.0
    )
    assert calls == ["one", "two"] * 4
    assert {name: len(timing.seconds) for name, timing in timings.items()} == {"one": 3, "two": 3}


def test_a_quick_way_fills_its_turn():
    timing = side_by_side({"quick": lambda: None}, rounds=1, turn_s=1e-3)["quick"]
    assert len(timing.seconds) > 1
    assert timing.least_s <= timing.median_s < 1e-3


def test_least_and_median_of_the_calls():
    timing = Timing(np.array([3.0, 1.0, 2.0]))
    assert (timing.least_s, timing.median_s) == (1.0, 2.0)
