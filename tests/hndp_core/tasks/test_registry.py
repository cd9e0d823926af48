import subprocess
import sys

import pytest

from hndp_core.errors import UnknownName
from hndp_core.tasks import UnknownTask, get_task, task_names


def test_known_tasks():
    assert task_names() == ("pouring", "scooping")
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
            assert get_task(task.key).level == level
        assert get_task(name).key == name


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
