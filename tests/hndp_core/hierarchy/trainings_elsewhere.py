"""Trainings on a second device; `test_devices.py` runs these tests in a process of their own."""

from collections.abc import Callable, Iterator
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
from hndp_core.policies.network import Network
from hndp_core.policies.pose_network import PoseNetwork
from hndp_core.policies.stacked_state_policy import StackedStatePolicy

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
def second_device(monkeypatch: pytest.MonkeyPatch) -> Iterator[SecondDevice]:
    for module in (pretraining, local_experts, distill):
        monkeypatch.setattr(module, "training_device", torch.device)
    with SecondDevice() as device:
        yield device


@pytest.fixture
def here_and_there(second_device: SecondDevice) -> Callable[[Callable[[str], Network]], tuple[Network, ...]]:
    """Train on the CPU and on the second device; each where it was told to."""

    def train(training: Callable[[str], Network]) -> tuple[Network, ...]:
        before = second_device.operations
        here = training("cpu")
        assert second_device.operations == before
        there = training("elsewhere")
        assert second_device.operations > before + CONFIG.local_steps
        return here, there

    return train


def pretrained(device: str = "cpu") -> PoseNetwork:
    return pretrain_encoder(CONFIG, SHOWN.images, SHOWN.states, seed=0, device=device)


def experts(device: str = "cpu") -> StackedStatePolicy:
    return train_local_experts(CONFIG, SHOWN, None, None, seed=0, device=device)


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


@pytest.mark.parametrize("training", [pretrained, experts])
def test_training_on_positions_and_demonstrations(training, here_and_there):
    here, there = map(dump_checkpoint, here_and_there(training))
    assert there == here


def test_local_training_towards_the_global_policy(here_and_there):
    before = experts()
    here, there = map(
        dump_checkpoint,
        here_and_there(
            lambda device: train_local_experts(CONFIG, SHOWN, OPEN, before, seed=1, device=device)
        ),
    )
    assert there == here != dump_checkpoint(before)


def global_training(method: str, visual_input: str) -> Callable[[str], GlobalPolicy]:
    config = replace(CONFIG, method=method, visual_input=visual_input)
    if get_method(method).local_to_global:
        local, shown = train_local_experts(config, SHOWN, None, None, seed=0), D
    else:
        local, shown = None, RolloutSet.empty(SIZE, 2, DOF)
    first = pretrained()
    return lambda device: train_global_policy(config, SHOWN, shown, local, first, seed=0, device=device)


@pytest.mark.parametrize("visual_input", ["readout", "feature_points"])
@pytest.mark.parametrize("method", [name for name in LEARNED if get_method(name).motion != "chunks"])
def test_global_training(method: str, visual_input: str, here_and_there):
    here, there = map(dump_checkpoint, here_and_there(global_training(method, visual_input)))
    assert there == here


def test_global_training_of_a_transformer(here_and_there):
    """Its attention is computed by another kernel there, which rounds otherwise."""
    here, there = (
        policy.plan(SHOWN.images[0], SHOWN.starts[0])
        for policy in here_and_there(global_training("act", "readout"))
    )
    np.testing.assert_allclose(there, here, atol=1e-6)


def test_a_training_goes_on_there_from_its_checkpoint(tmp_path: Path):
    local = experts()
    seen: list[int] = []

    def train(device: str, checkpoint: Path | None = None, killed_at: int | None = None) -> bytes:
        def watch(progress: TrainingProgress) -> None:
            seen.append(progress.done)
            if progress.done == killed_at:
                raise Killed

        config = replace(CONFIG, global_steps=70)
        policy = train_global_policy(
            config, SHOWN, D, local, None, seed=0, device=device, checkpoint=checkpoint, report=watch
        )
        return dump_checkpoint(policy)

    with pytest.raises(Killed):
        train("elsewhere", tmp_path / "training", killed_at=60)
    seen.clear()
    resumed = train("elsewhere", tmp_path / "training")
    assert min(seen) > 50
    assert resumed == train("cpu")
