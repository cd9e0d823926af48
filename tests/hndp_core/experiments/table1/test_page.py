import json
import re
import sys
from pathlib import Path

import pytest

from hndp_core.errors import HndpError, MissingPackage
from hndp_core.experiments.bench.table1 import TARGETS, load_results, minutes_by_seed, record
from hndp_core.experiments.table1.charts import draw_all
from hndp_core.experiments.table1.job import result_file
from hndp_core.experiments.table1.markdown import page
from hndp_core.experiments.table1.publish import publish
from hndp_core.experiments.table1.rows import HNDP_ROW, MAIN_ROWS
from hndp_core.experiments.table1.run_result import RunResult
from hndp_core.experiments.table1.summary import summarise
from hndp_core.tasks import get_task

from .made_results import result

YES, NO = True, False
TASK = f"scooping@{get_task('scooping').level.name}"


@pytest.fixture
def results() -> list[RunResult]:
    return [
        *(result(HNDP_ROW, [YES] * 10, task=TASK, seed=seed) for seed in (0, 1)),
        result("ndp_raw_1x", [NO, YES, YES, YES], task=TASK),
        result("act_1x", [YES] * 3 + [NO], task=TASK),
    ]


def test_a_result_passes_through_its_file(results):
    for each in results:
        assert RunResult.from_json(each.to_json()) == each
    with pytest.raises(HndpError, match="run again"):
        RunResult.from_json('{"run": 1}')


def test_rates_are_pooled_over_seeds_and_few_trials_are_marked(results):
    lines = page(summarise(results), []).splitlines()
    assert f"## {TASK}" in lines
    success = {line.split(" | ")[0]: line for line in lines if " to " in line and line.startswith("| ")}
    assert success["| **H-NDP**"] == "| **H-NDP** | 1x | 5 | 20/20 | 0.84 to 1.00 | 4/4\\* | 0.6 |  |  |"
    raw = success["| NDP, raw outputs"]
    assert "| 1x | 1 | 3/4\\* | 0.30 to 0.95 | 2/2\\* | 0.2 | 1 : 0 of 4 | 1.000 |" in raw
    motion = next(line for line in lines if line.startswith("| NDP, raw outputs") and "min" in line)
    assert "| 5 | 3/4 | 2/4 | 0/4 | 1.0 min |" in motion


def test_rates_stand_beside_each_other_by_level_from_easy_to_hard(results):
    assert "by level" not in page(summarise(results), [])
    others = [result(HNDP_ROW, [YES] * 10, task=f"scooping@{level}") for level in ("tight", "clean")]
    lines = page(summarise([*results, *others]), []).splitlines()
    head = lines.index("## Held-out success by level") + 2
    assert lines[head] == f"| scooping: method | Demos | Iter. | clean | {TASK.partition('@')[2]} | tight |"
    assert lines[head + 2] == "| **H-NDP** | 1x | 5 | 10/10 | 20/20 | 10/10 |"
    assert not lines[head + 3]
    sections = [line[3:] for line in lines if line.startswith("## scooping")]
    assert sections == ["scooping@clean", TASK, "scooping@tight"]


def test_the_flat_figures(results):
    found = record([*results, result("ndp_1x", [YES], task="pouring@fewest")])
    assert found.figures == {
        "scooping_hndp_successes": 20,
        "scooping_hndp_trials": 20,
        "best_baseline_scooping_successes": 3,
        "best_baseline_scooping_trials": 4,
    }
    assert found.notes["best_baseline_scooping_successes"].startswith("ndp_raw_1x")
    assert found.targets == TARGETS


def test_flat_figures_count_no_more_than_the_targets_speak_of(results):
    more = [
        result(HNDP_ROW, [YES] * 10, task=TASK, layout_seed=1),
        result(HNDP_ROW, [YES] * 10, task=TASK, seed=3),
    ]
    assert record([*results, *more]).figures == record(results).figures


def test_minutes_count_shared_material_once_and_cores_apart():
    eight = [result(row.name, [YES], task=TASK, jobs=2, run_s=600) for row in MAIN_ROWS]
    assert minutes_by_seed(TASK, eight[:-1]) == []
    # 8 runs, demonstrations for 1x and for 5x, one pretraining, two at a time
    assert minutes_by_seed(TASK, eight) == [pytest.approx((8 * 600 + 2 * 30 + 120) / 2 / 60)]
    figures = record([*eight, result("act_1x", [YES], task=TASK, run_s=9e9)])
    assert figures.figures["minutes_one_task_one_seed"] == pytest.approx(41.5)


def test_what_is_published_can_be_read_again(results, tmp_path: Path):
    for each in results:
        file = result_file(tmp_path, each.run)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(each.to_json())
    found = load_results(tmp_path)
    assert sorted(each.run for each in found) == sorted(each.run for each in results)
    publish(tmp_path, record(found), found)
    first = {file.name: file.read_bytes() for file in tmp_path.iterdir() if file.is_file()}
    assert f"iterations-{TASK.replace('@', '-')}.svg" in first
    rows = json.loads(first["table1.json"])["tables"][0]["rows"]
    assert [row["row"] for row in rows] == [HNDP_ROW, "ndp_raw_1x", "act_1x"]
    assert rows[0]["held_out"][-1]["interval"] == pytest.approx([0.8389, 1.0], abs=1e-4)
    drawn = re.findall(r"^!\[.*\]\((.*)\)$", first["table1.md"].decode(), flags=re.MULTILINE)
    assert set(drawn) == {name for name in first if name.endswith(".svg")}


def test_drawing_again_gives_the_same_file_and_levels_their_own_figure(results, tmp_path: Path):
    other = result(
        HNDP_ROW, [YES, NO], task="scooping@clean" if TASK != "scooping@clean" else "scooping@tight"
    )
    summaries = summarise([*results, other])
    drawn = []
    for folder in (tmp_path / "one", tmp_path / "two"):
        folder.mkdir()
        figures = draw_all(folder, summaries, results)
        drawn.append({name: (folder / name).read_bytes() for name, _ in figures})
    assert drawn[0] == drawn[1]
    assert "levels-scooping.svg" in drawn[0]


def test_without_matplotlib_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingPackage, match=r"requirements/dev\.txt"):
        draw_all(tmp_path, [], [])
