import json
from pathlib import Path

import pytest

from hndp_core.errors import HndpError
from hndp_core.experiments.bench.record import BenchRecord, present_commit, save_record, timed_record
from hndp_core.experiments.machine import Machine


def record(figures, targets) -> BenchRecord:
    return BenchRecord("loop", "abc", figures, targets)


def test_a_bench_is_met_when_every_target_is_reached():
    targets = {"successes": {"at_least": 27}, "seconds": {"at_most": 90}}
    assert record({"successes": 27, "seconds": 90.0}, targets).met
    assert not record({"successes": 26, "seconds": 10.0}, targets).met
    assert not record({"successes": 30, "seconds": 90.1}, targets).met


def test_a_missing_figure_and_one_that_is_no_number_reach_nothing():
    assert not record({}, {"successes": {"at_least": 0}}).met
    assert not record({"successes": float("nan")}, {"successes": {"at_least": 0}}).met


def test_the_line_for_programs_holds_all_of_it():
    line = record({"seconds": 1.5, "other": 2}, {"seconds": {"at_most": 1}}).to_json()
    assert "\n" not in line
    assert json.loads(line) == {
        "bench": "loop",
        "commit": "abc",
        "figures": {"seconds": 1.5, "other": 2},
        "targets": {"seconds": {"at_most": 1}},
        "notes": {},
        "machine": None,
        "seconds": None,
        "date": "",
        "met": False,
    }


def test_a_record_passes_through_its_file(tmp_path: Path):
    made = timed_record(lambda: record({"seconds": 1.5}, {"seconds": {"at_most": 1}}))
    assert made.machine == Machine.present()
    assert made.seconds is not None
    assert made.date.endswith("+00:00")
    file = save_record(made, tmp_path / "records")
    assert file == tmp_path / "records" / "loop.json"
    assert BenchRecord.from_json(file.read_text()) == made


def test_an_older_record_can_be_read_and_another_file_cannot():
    old = BenchRecord.from_json('{"bench": "loop", "commit": "a", "figures": {}, "targets": {}, "met": true}')
    assert (old.machine, old.date) == (None, "")
    with pytest.raises(HndpError, match="no record of a bench"):
        BenchRecord.from_json('{"bench": "loop"}')


def test_the_commit_is_named_in_one_word():
    assert present_commit().split() == [present_commit()]
