"""How much memory a training job takes at its peak."""

import re
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

from hndp_core.hierarchy.config import RefinementConfig
from hndp_core.hierarchy.pretraining import pretrain_encoder
from hndp_core.tasks import get_task

_STEPS = 20
"""Every step handles the same sizes: after the first few the peak stays within a megabyte."""


def training_peak_mb(task: str, config: RefinementConfig) -> float:
    """Peak resident memory of the heaviest training step in a process of its own, as a worker runs it [MiB].

    That is the pose pretraining: it renders its images itself, so that simulator and network share the
    process, and its gradients go through all convolutions.

    Raises:
        MissingGraphicsLibrary: no OpenGL to render with.
        ShapeMismatch: the settings ask for no pretraining images.
    """
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as fresh:
        return fresh.submit(_pretraining_peak_mb, task, config).result()


def _pretraining_peak_mb(task: str, config: RefinementConfig) -> float:
    scene = get_task(task).build_scene()
    try:
        images, positions = scene.pretraining_samples(config.pretrain_images, seed=0)
    finally:
        scene.close()
    steps = min(_STEPS, config.pretrain_steps)
    with TemporaryDirectory(prefix="hndp-bench-memory-") as folder:
        checkpoint = Path(folder) / "pretraining.partial"
        pretrain_encoder(
            replace(config, pretrain_steps=steps), images, positions, seed=0, checkpoint=checkpoint
        )
    return _present_peak_mb()


def _present_peak_mb() -> float:
    # Not getrusage: a child's count starts at the memory that its parent held when it was started.
    status = Path("/proc/self/status").read_text()
    found = re.search(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)
    assert found is not None, status
    return int(found[1]) / 1024
