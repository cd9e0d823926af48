from dataclasses import replace
from pathlib import Path

from hndp_core.experiments.bench.record import BenchRecord, save_record
from hndp_core.experiments.machine import Machine
from hndp_core.experiments.results_pages import write_pages

RECORD = BenchRecord(
    "dmp",
    "abc",
    figures={"speedup": 60.0, "ratio": 1.7, "other": 3.0},
    targets={"speedup": {"at_least": 50}, "ratio": {"at_most": 1.5}, "absent": {"at_least": 1}},
    notes={"other": "by the way"},
    machine=Machine("a processor", 2, "3.11", "2.13", ""),
    seconds=90.0,
    date="2026-01-02T03:04:05+00:00",
)


def test_every_record_has_a_page_and_the_index_names_all(tmp_path: Path):
    save_record(RECORD, tmp_path)
    save_record(replace(RECORD, bench="pose", machine=None, seconds=None, date=""), tmp_path)
    assert [page.name for page in write_pages(tmp_path)] == ["index.md", "pose.md", "dmp.md"]
    rows = (tmp_path / "dmp.md").read_text().splitlines()
    assert "| `speedup` | 60 | at least 50 | yes |" in rows
    assert "| `ratio` | 1.7 | at most 1.5 | **no** |" in rows
    assert "| `absent` | not measured | at least 1 | **no** |" in rows
    assert "| `other` | 3 (by the way) |  |  |" in rows
    assert "1.5 minutes for what earlier calls had not made, commit abc, on a processor, 2 cores" in rows[-1]
    index = (tmp_path / "index.md").read_text()
    assert "| [The DMP layer](dmp.md): " in index
    assert "| 1 of 3 | 2026-01-02, commit abc |" in index
    assert "| Planar digits: " in index


def test_pages_follow_their_records(tmp_path: Path):
    save_record(RECORD, tmp_path)
    write_pages(tmp_path)
    before = (tmp_path / "dmp.md").read_text()
    write_pages(tmp_path)
    assert (tmp_path / "dmp.md").read_text() == before
    save_record(replace(RECORD, figures={"speedup": 49.0}), tmp_path / "dmp.json")
    write_pages(tmp_path)
    assert "| `speedup` | 49 | at least 50 | **no** |" in (tmp_path / "dmp.md").read_text()
