import json
import re
from pathlib import Path

import pytest
from typer.main import get_group
from typer.testing import CliRunner

from app.cli import app
from app.platform.settings import Settings
from hndp_core.experiments.bench.record import BenchRecord, save_record
from hndp_core.robots.camera_address import CameraAddress
from hndp_core.tasks import get_task


@pytest.fixture
def hndp(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Call a command with a data folder of its own; returns what typer's runner returns."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HNDP_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("COLUMNS", "200")
    return lambda *arguments: CliRunner().invoke(app, arguments)


def test_help_explains_every_command(hndp) -> None:
    shown = hndp("--help").stdout
    commands = list(get_group(app).commands)
    assert {"serve", "web", "worker", "cell", "migrate", "sign-in-link", "run", "bench", "tasks"} <= set(
        commands
    )
    for command in commands:
        assert re.search(rf"│ {command} +\w+", shown), f"{command} is not explained"


def test_sign_in_link_after_migration(hndp) -> None:
    early = hndp("sign-in-link")
    assert early.exit_code == 2
    assert "hndp migrate" in early.stderr
    assert hndp("migrate").exit_code == 0
    link = hndp("sign-in-link", "--name", "Visitor", "--role", "viewer")
    assert re.fullmatch(r"http://127\.0\.0\.1:8000/sign-in\?token=[\w-]{43}\n", link.stdout)


CAMERA = ("--camera", "file:/no/film.mp4")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--robot", "ur5"), "use one of simulated, franka, panda-py"),
        (("--robot", "franka"), "a real arm needs one"),
        (("--robot", "franka", "--camera", "video0"), "write 0, /dev/video2"),
        (("--robot", "panda-py", *CAMERA), "needs the address of the arm"),
        (("--robot-address", "10.0.0.2"), "it is simulated"),
        (("--robot", "franka", *CAMERA), "Give this cell a name of its own"),
        (("--name", "north", "--robot", "franka", *CAMERA), "Install ROS and, from its source, frankapy"),
        (
            ("--name", "south", "--robot", "panda-py", "--robot-address", "10.0.0.2", *CAMERA),
            "pip install 'hndp-studio[panda-py]'",
        ),
    ],
)
def test_a_cell_that_cannot_run_says_why(hndp, arguments: tuple[str, ...], message: str) -> None:
    assert hndp("migrate").exit_code == 0
    ended = hndp("cell", *arguments)
    assert ended.exit_code == 2
    assert message in ended.stderr
    assert "Traceback" not in ended.output


def test_options_of_a_cell_go_before_the_environment(monkeypatch: pytest.MonkeyPatch, hndp) -> None:
    started: list[Settings] = []
    monkeypatch.setattr("app.cells.process.run_cell", started.append)
    monkeypatch.setenv("HNDP_CELL_ROBOT", "franka")
    monkeypatch.setenv("HNDP_CELL_NAME", "north")
    monkeypatch.setenv("HNDP_CELL_CAMERA", "rtsp://operator:secret@10.0.0.9/live")
    monkeypatch.setenv("HNDP_CELL_GRIPPER", "1")
    assert hndp("cell", "--name", "south", "--camera", "2?crop=1,2,3,4").exit_code == 0
    (settings,) = started
    assert (settings.cell_name, settings.equipment.robot, settings.equipment.gripper) == (
        "south",
        "franka",
        True,
    )
    assert settings.equipment.camera == CameraAddress.parse("2?crop=1,2,3,4")
    assert "secret" not in hndp("settings").stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("run", "--data-dir", "r", "--task", "pour2"), "no task 'pour2'. Available: pouring, scooping"),
        (("run", "--data-dir", "r", "--method", "magic"), "magic"),
        (("run", "--data-dir", "r", "--operator", "nobody"), "simulated"),
        (("run", "--data-dir", "r", "--regions", "0"), "region"),
        (("run", "--data-dir", "r", "--iterations", "0"), "iterations"),
        (("bench", "table1", "--tasks", "pour2"), "no task 'pour2'"),
        (("bench", "table1", "--rows", "hndp_2x"), "Available: act_1x"),
        (("bench", "table1", "--layout-seed", "5-3"), "layout-seed"),
    ],
)
def test_bad_input_is_told_without_a_traceback(hndp, arguments: tuple[str, ...], message: str) -> None:
    ended = hndp(*arguments)
    assert ended.exit_code == 2
    assert ended.stderr.startswith("hndp: ")
    assert message in ended.stderr
    assert "Traceback" not in ended.output
    assert not Path("r").exists(), "nothing is half-written"


def test_run_ends_with_the_result_as_one_line(hndp, monkeypatch: pytest.MonkeyPatch) -> None:
    """The loop itself is tested where it lives; here a run that has nothing left to do."""
    from hndp_core.experiments import headless_run

    rate = {"successes": 3, "trials": 4, "interval": [0.3, 0.95]}
    row = {
        "iteration": 1,
        "train": rate,
        "held_out": rate,
        "open_gates": 3,
        "seconds": {"local_training": 1.0},
    }
    asked = []

    def run(settings: headless_run.HeadlessRun, data_dir: Path, *, report, device: str) -> dict:
        assert device == "cpu"
        asked.append((settings, data_dir))
        return {"iterations": [row]}

    monkeypatch.setattr(headless_run, "run", run)
    ended = hndp("run", "--data-dir", "r", "--seed", "7", "--regions", "4", "--iterations", "1", "--json")
    assert ended.exit_code == 0, ended.output
    assert json.loads(ended.stdout.splitlines()[-1]) == {"iterations": [row]}
    settings, data_dir = asked[0]
    assert (settings.seed, settings.regions, settings.config.iterations, data_dir) == (7, 4, 1, Path("r"))


def test_tasks_are_listed(hndp) -> None:
    lines = hndp("tasks").stdout.splitlines()
    assert [line.split(": ")[0] for line in lines if not line.startswith(" ")] == [
        "pouring",
        "scooping",
        "writing",
    ]
    assert "    scooping@tight: as cluttered; less error is forgiven" in lines
    (default,) = (line for line in lines if "what scooping alone means" in line)
    assert default.strip().split(": ")[0] == f"scooping@{get_task('scooping').default_level}"


def a_record(figure: float) -> BenchRecord:
    return BenchRecord("dmp", "abc", {"speedup": figure}, {"speedup": {"at_least": 50}})


@pytest.mark.parametrize(("figure", "status"), [(60.0, 0), (40.0, 1)])
def test_a_bench_ends_with_its_record_and_tells_what_was_missed(
    hndp, monkeypatch: pytest.MonkeyPatch, figure: float, status: int
) -> None:
    monkeypatch.setattr("app.benches.dmp", lambda: a_record(figure))
    ended = hndp("bench", "dmp", "--json", "--out", "records")
    assert ended.exit_code == status
    shown = BenchRecord.from_json(ended.stdout.splitlines()[-1])
    assert shown.figures == {"speedup": figure}
    assert shown.machine is not None
    assert BenchRecord.from_json(Path("records/dmp.json").read_text()) == shown


def test_the_table_is_asked_for_in_words(hndp, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = {}

    def table1(out: Path, data_dir: Path, schedule, **more) -> BenchRecord:
        asked.update(more, out=out, schedule=schedule)
        return a_record(60.0)

    monkeypatch.setattr("app.benches.table1", table1)
    arguments = ("--tasks", "scooping, pouring", "--rows", "act_1x", "--seeds", "2", "--layout-seed", "3-5")
    assert hndp("bench", "table1", *arguments, "--jobs", "2", "--out", "o").exit_code == 0
    assert (asked["out"], asked["jobs"], asked["keep"]) == (Path("o"), 2, False)
    schedule = asked["schedule"]
    assert (schedule.tasks, schedule.rows) == (("scooping", "pouring"), ("act_1x",))
    assert (schedule.seeds, schedule.layout_seeds) == (2, (3, 4, 5))


def test_results_become_pages(hndp) -> None:
    save_record(a_record(60.0), Path("records"))
    ended = hndp("results", "--folder", "records")
    assert ended.stdout.split() == ["records/index.md", "records/dmp.md"]
