"""Trainings on a second device; `test_devices.py` runs these tests in a process of their own."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from hndp_core.hierarchy import distill, local_experts, pretraining
from hndp_core.hierarchy.config import RefinementConfig
from hndp_core.hierarchy.datasets import RolloutSet
from hndp_core.hierarchy.distill import train_global_policy
from hndp_core.hierarchy.gate_targets import GateTargets
from hndp_core.hierarchy.local_experts import train_local_experts
from hndp_core.hierarchy.methods import METHODS, get_method
from hndp_core.hierarchy.pretraining import pretrain_encoder
from hndp_core.learning.optimise import TrainingProgress
from hndp_core.policies.checkpoint import dump_checkpoint
from hndp_core.policies.contracts import GlobalPolicy

from .other_device import ELSEWHERE, LeftBehind, SecondDevice
from .synthetic_task import DOF, SIZE, demonstrations, rollouts

SHOWN = demonstrations(4)
D = rollouts(SHOWN)
CONFIG = RefinementConfig(
    iterations=1,
    basis=8,
    threads=1,
    batch_size=4,
    pretrain_steps=8,
    local_steps=8,
    local_refinement_steps=8,
    global_steps=8,
    global_refinement_steps=8,
    first_channels=4,
    second_channels=4,
    third_channels=4,
    second_stride=1,
    augment_shift_px=2.0,
    pretrained_features="trained",
)
OPEN = GateTargets(gates=np.ones(len(D)), states=D.states, starts=D.starts, trajectories=SHOWN.trajectories)
LEARNED = [name for name in METHODS if get_method(name).motion != "replay"]


class Killed(Exception):
    pass


@pytest.fixture(autouse=True)
def second_device(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for module in (pretraining, local_experts, distill):
        monkeypatch.setattr(module, "training_device", torch.device)
    with SecondDevice():
        yield


def pretrained(**where):
    return pretrain_encoder(CONFIG, SHOWN.images, SHOWN.states, seed=0, **where)


def experts(**where):
    return train_local_experts(CONFIG, SHOWN, None, None, seed=0, **where)


def test_the_device_refuses_what_was_left_on_the_cpu():
    there = torch.ones(3).to(ELSEWHERE)
    with pytest.raises(LeftBehind):
        torch.add(there, torch.ones(3))
    with pytest.raises(RuntimeError, match="numpy"):
        there.numpy()


def test_the_device_computes_the_bits_of_the_cpu():
    layer, shown = torch.nn.Linear(3, 2), torch.linspace(-1.0, 1.0, 12).reshape(4, 3)
    here = layer(shown)
    there = layer.to(ELSEWHERE)(shown.to(ELSEWHERE))
    assert there.device == layer.weight.device == ELSEWHERE
    assert torch.equal(there.cpu(), here)


def test_pretraining():
    assert dump_checkpoint(pretrained(device="elsewhere")) == dump_checkpoint(pretrained())


def test_local_training():
    assert dump_checkpoint(experts(device="elsewhere")) == dump_checkpoint(experts())


def test_local_training_towards_the_global_policy():
    before = experts()
    here, there = (
        dump_checkpoint(train_local_experts(CONFIG, SHOWN, OPEN, before, seed=1, device=device))
        for device in ("cpu", "elsewhere")
    )
    assert there == here != dump_checkpoint(before)


def train_globally(method: str, visual_input: str, device: str) -> GlobalPolicy:
    config = replace(CONFIG, method=method, visual_input=visual_input)
    if get_method(method).local_to_global:
        local, shown = train_local_experts(config, SHOWN, None, None, seed=0), D
    else:
        local, shown = None, RolloutSet.empty(SIZE, 2, DOF)
    return train_global_policy(config, SHOWN, shown, local, pretrained(), seed=0, device=device)


@pytest.mark.parametrize("visual_input", ["readout", "feature_points"])
@pytest.mark.parametrize("method", [name for name in LEARNED if get_method(name).motion != "chunks"])
def test_global_training(method: str, visual_input: str):
    here, there = (
        dump_checkpoint(train_globally(method, visual_input, device)) for device in ("cpu", "elsewhere")
    )
    assert there == here


def test_global_training_of_a_transformer():
    """Its attention is computed by another kernel there, which rounds otherwise."""
    here, there = (
        train_globally("act", "readout", device).plan(SHOWN.images[0], SHOWN.starts[0])
        for device in ("cpu", "elsewhere")
    )
    np.testing.assert_allclose(there, here, atol=1e-6)


def test_a_training_goes_on_there_from_its_checkpoint(tmp_path: Path):
    local = experts()

    def train(device: str, checkpoint: Path | None = None, killed_at: int | None = None) -> bytes:
        def watch(progress: TrainingProgress) -> None:
            if progress.done == killed_at:
                raise Killed

        config = replace(CONFIG, global_steps=70)
        policy = train_global_policy(
            config, SHOWN, D, local, None, seed=0, device=device, checkpoint=checkpoint, report=watch
        )
        return dump_checkpoint(policy)

    with pytest.raises(Killed):
        train("elsewhere", tmp_path / "training", killed_at=60)
    assert train("elsewhere", tmp_path / "training") == train("cpu")
