"""The real training job, at once and in pieces."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path

import numpy as np

from app.training.specification import CHECKPOINT, DEMONSTRATIONS, RESULT, JobSpecification
from hndp_core.hierarchy import RefinementConfig
from hndp_core.hierarchy.datasets import DemonstrationSet

STEPS = 400


def stage(folder: Path) -> None:
    folder.mkdir()
    config = RefinementConfig(local_steps=STEPS, threads=1)
    JobSpecification("local_training", "scooping", asdict(config), seed=5, gates=None).write(folder)
    times = np.linspace(0, 1, 350)[None, :, None]
    reach = np.linspace(0.1, 0.4, 7)[None, None, :] * np.array([1.0, 1.3])[:, None, None]
    demonstrations = DemonstrationSet(
        regions=np.array([1, 2]),
        images=np.zeros((2, 96, 96, 3), np.uint8),
        states=np.array([[0.5, 0.0], [0.6, 0.1]]),
        starts=np.zeros((2, 7)),
        trajectories=reach * (1 - np.cos(np.pi * times)) / 2,
    )
    (folder / DEMONSTRATIONS).write_bytes(demonstrations.to_bytes())


def start(folder: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "app.training.job", str(folder), str(os.getpid())]
    return subprocess.Popen(command, stdout=subprocess.PIPE)


def test_a_killed_job_goes_on_and_ends_with_the_same_bytes(tmp_path):
    stage(tmp_path / "whole")
    stage(tmp_path / "cut")
    whole, cut = start(tmp_path / "whole"), start(tmp_path / "cut")
    deadline = time.monotonic() + 180
    while not (tmp_path / "cut" / CHECKPOINT).exists():
        assert time.monotonic() < deadline
        time.sleep(0.005)
    cut.send_signal(signal.SIGKILL)
    cut.communicate()
    assert not (tmp_path / "cut" / RESULT).exists(), "it was over before it was killed"
    resumed = start(tmp_path / "cut")
    reports, _ = resumed.communicate(timeout=180)
    assert whole.communicate(timeout=180)[0].splitlines()[-1].startswith(b'{"done": 400, "total": 400')
    assert not reports.startswith(b'{"done": 10,'), "it began anew"
    hashes = [sha256((tmp_path / name / RESULT).read_bytes()).hexdigest() for name in ("whole", "cut")]
    assert hashes[0] == hashes[1]


def test_a_job_whose_worker_is_gone_does_nothing(tmp_path):
    stage(tmp_path / "orphan")
    stranger = 1  # not the parent of this process's children
    command = [sys.executable, "-m", "app.training.job", str(tmp_path / "orphan"), str(stranger)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert ended.returncode != 0
    assert "the worker is gone" in ended.stderr
    assert not (tmp_path / "orphan" / RESULT).exists()
