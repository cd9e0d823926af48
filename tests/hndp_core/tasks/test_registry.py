import subprocess
import sys

import pytest

from hndp_core.errors import UnknownName
from hndp_core.tasks import UnknownTask, get_task, registry, task_names


def test_known_tasks():
    assert task_names() == ("pouring", "scooping", "writing")
    task = get_task("scooping")
    assert (task.name, task.dof, task.rollout_length, task.control_rate_hz) == ("scooping", 7, 350, 50.0)
    assert (task.image_size, task.state_size, len(task.home_joints)) == (96, 2, 7)


def test_every_task_can_be_described():
    for name in task_names():
        task = get_task(name)
        assert task.name == name
        assert task.title
        assert task.success_rule[0].islower()
        assert len(task.home_joints) == task.dof
        layout = task.layout()
        task.check_regions(layout)
        assert sum(region.split == "train" for region in layout) == task.train_regions
        assert len(layout) == task.train_regions + task.held_out_regions


def test_unknown_task_lists_the_known():
    with pytest.raises(UnknownTask, match=r"no task 'pour2'\. Available: .*scooping"):
        get_task("pour2")


def test_a_level_is_named_after_its_task():
    for name in task_names():
        for level in get_task(name).levels:
            task = get_task(f"{name}@{level.name}")
            assert task.level == level
            assert task.key == f"{name}@{level.name}"
            assert task.full_title == f"{task.title}, {level.name}"
        assert get_task(name).level.name == get_task(name).default_level


def test_unknown_level_lists_the_known():
    with pytest.raises(UnknownName, match=r"no level of scooping 'hopeless'\. Available: .*clean"):
        get_task("scooping@hopeless")
    with pytest.raises(UnknownName):
        get_task("scooping@")


def test_describing_tasks_and_files_loads_neither_simulator_nor_torch():
    code = (
        "import sys, hndp_core.tasks, hndp_core.robots, hndp_core.rollout\n"
        "import hndp_core.data.artefact_store, hndp_core.data.trajectory, hndp_core.data.video\n"
        "import hndp_core.data.images\n"
        "[hndp_core.tasks.get_task(name).layout() for name in hndp_core.tasks.task_names()]\n"
        "sys.exit(','.join({'torch', 'mujoco'} & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """Install a package whose entry point brings a task; the registry has not looked yet."""

    def install(entry_point: str, module: str = "") -> None:
        (tmp_path / "lab_tasks.py").write_text(module)
        facts = tmp_path / "lab_tasks-1.dist-info"
        facts.mkdir()
        (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: lab-tasks\nVersion: 1\n")
        (facts / "entry_points.txt").write_text(f"[{registry.GROUP}]\n{entry_point}\n")
        monkeypatch.syspath_prepend(tmp_path)
        registry._tasks.cache_clear()

    yield install
    monkeypatch.undo()
    sys.modules.pop("lab_tasks", None)
    registry._tasks.cache_clear()


def test_an_installed_package_brings_its_task(installed):
    installed(
        "stirring = lab_tasks:StirringTask",
        "from hndp_core.tasks.panda.scooping import ScoopingTask\n"
        "class StirringTask(ScoopingTask):\n    name = 'stirring'\n    title = 'Stirring'\n",
    )
    assert "stirring" in task_names()
    assert get_task("stirring").title == "Stirring"


@pytest.mark.parametrize(
    ("entry_point", "module", "reason"),
    [
        ("a = no_such_module:Task", "", "install its package anew"),
        ("a = lab_tasks:Missing", "", "install its package anew"),
        ("a = lab_tasks:number", "number = 3\n", "no subclass"),
        (
            "a = lab_tasks:ScoopingTask",
            "from hndp_core.tasks.panda.scooping import ScoopingTask\n",
            "give it another name",
        ),
    ],
)
def test_an_unusable_entry_point_says_why(installed, entry_point, module, reason):
    installed(entry_point, module)
    with pytest.raises(registry.UnusableTask, match=reason):
        task_names()
