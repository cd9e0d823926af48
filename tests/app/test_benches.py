import pytest

from app.benches import print_record
from hndp_core.experiments.bench import BenchRecord


def test_record_is_shown_with_what_was_missed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    record = BenchRecord(
        "loop",
        "abc",
        figures={"fast_ms": 12.0, "slow_ms": 34.0, "plain": 5.0},
        targets={"fast_ms": {"at_most": 20}, "slow_ms": {"at_most": 20}, "absent": {"at_least": 1}},
    )
    print_record(record, stderr=True)
    shown = capsys.readouterr()
    assert shown.out == ""
    rows = {line.split()[1]: line for line in shown.err.splitlines() if line.startswith("│")}
    assert "yes" in rows["fast_ms"]
    assert "no" in rows["slow_ms"]
    assert "missing" in rows["absent"]
    assert "yes" not in rows["plain"]
