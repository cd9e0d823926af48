"""The example of the documentation: a task that a package brings is listed and learned like the own ones."""

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "touching"
MOST_LINES = 100

LEARN = """
import json, sys
from pathlib import Path
from hndp_core.experiments.headless_run import HeadlessRun, run
from hndp_core.hierarchy import RefinementConfig

if __name__ == "__main__":
    config = RefinementConfig(
        iterations=1, threads=1, local_steps=60, global_steps=12, pretrain_images=6, pretrain_steps=4,
        first_channels=4, second_channels=4, third_channels=4,
    )
    settings = HeadlessRun(task="touching", config=config, regions=3, held_out=1)
    print(json.dumps(run(settings, Path(sys.argv[1]), processes=1)))
"""


@pytest.fixture
def environment(tmp_path):
    """What `pip install examples/touching` leaves where Python looks, without a network."""
    project = tomllib.loads((EXAMPLE / "pyproject.toml").read_text())["project"]
    facts = tmp_path / "touching-1.0.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: 1.0\n")
    (tasks,) = project["entry-points"].items()
    lines = [f"[{tasks[0]}]", *(f"{name} = {value}" for name, value in tasks[1].items())]
    (facts / "entry_points.txt").write_text("\n".join(lines))
    path = os.pathsep.join([str(tmp_path), str(EXAMPLE), str(ROOT)])
    return {**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1"}


def test_the_example_is_short():
    lines = sum(len(file.read_text().splitlines()) for file in EXAMPLE.glob("*.py"))
    assert lines < MOST_LINES


def test_the_guide_shows_the_files_of_the_example():
    guide = (ROOT / "docs" / "own_task.md").read_text()
    for file in ("touching.py", "touching_scene.py", "pyproject.toml"):
        assert f'\n--8<-- "examples/touching/{file}"\n' in guide  # a formatter once took it for Python


def test_the_example_is_listed_among_the_tasks(environment):
    done = subprocess.run(
        [sys.executable, "-m", "app.cli", "tasks"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "touching: Touching a puck" in done.stdout, done.stderr


def test_the_example_is_taught_and_learned_in_processes_of_its_own(environment, tmp_path):
    script = tmp_path / "learn.py"
    script.write_text(LEARN)
    done = subprocess.run(
        [sys.executable, str(script), str(tmp_path / "run")],
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    (iteration,) = json.loads(done.stdout.splitlines()[-1])["iterations"]
    assert iteration["train"]["trials"] == 3
    assert iteration["held_out"]["trials"] == 1
