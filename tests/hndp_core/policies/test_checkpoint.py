import io
import json
import os
import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load, save

from hndp_core.errors import CheckpointError
from hndp_core.motion import AuthorsHead, DmpConfig, DmpLayer, FittedDmpHead, PointsHead
from hndp_core.policies import (
    ChunkingPolicy,
    EncoderConfig,
    NearestDemonstration,
    Network,
    PoseNetwork,
    StackedStatePolicy,
    StatePolicy,
    TransformerConfig,
    VisuomotorPolicy,
    dump_checkpoint,
    load_checkpoint,
    parse_checkpoint,
    save_checkpoint,
)

DMP = DmpConfig(dof=2, basis=5, rollout_length=40, forcing="goal_scaled")
POINTS = PointsHead(2, 40, scaling="robust", least_scale=0.02)
ENCODER = EncoderConfig(image_size=32, first_channels=2, second_channels=2, third_channels=2)


def networks() -> list[Network]:
    generator = torch.Generator().manual_seed(0)
    return [
        StatePolicy(DmpLayer(DMP), state_size=2, generator=generator),
        StackedStatePolicy(POINTS, regions=3, state_size=2, hidden=6, generator=generator),
        VisuomotorPolicy(FittedDmpHead(DMP, scaling="robust"), ENCODER, hidden=8, generator=generator),
        VisuomotorPolicy(AuthorsHead(DMP), ENCODER, hidden=8, generator=generator),
        ChunkingPolicy(POINTS, ENCODER, TransformerConfig(width=8, hidden=8), generator=generator),
        NearestDemonstration(ENCODER, demonstrations=3, rollout_length=40, dof=2, generator=generator),
        PoseNetwork(replace(ENCODER, readout=2), generator=generator),
    ]


@pytest.mark.parametrize(
    "network", networks(), ids=lambda each: f"{each.kind}-{each.architecture().get('head', {}).get('kind')}"
)
def test_comes_back_whole_and_saves_to_the_same_bytes(network: Network, tmp_path: Path) -> None:
    save_checkpoint(tmp_path / "policy.safetensors", network)
    found = load_checkpoint(tmp_path / "policy.safetensors")
    assert type(found) is type(network)
    assert found.architecture() == network.architecture()
    assert found.state_dict().keys() == network.state_dict().keys()
    assert all(torch.equal(value, network.state_dict()[name]) for name, value in found.state_dict().items())
    assert dump_checkpoint(found) == (tmp_path / "policy.safetensors").read_bytes()
    assert os.listdir(tmp_path) == ["policy.safetensors"]


def test_plans_the_same_where_linear_algebra_signs_the_modes_otherwise() -> None:
    policy = StatePolicy(DmpLayer(DMP), state_size=2, generator=torch.Generator().manual_seed(0))
    policy.head.get_buffer("modes").neg_()
    state, joints = np.array([0.1, 0.2]), np.array([0.3, 0.4])
    found = parse_checkpoint(dump_checkpoint(policy))
    assert isinstance(found, StatePolicy)
    np.testing.assert_array_equal(found.plan(state, joints), policy.plan(state, joints))


def altered(change: str) -> bytes:
    """A checkpoint with one thing wrong."""
    data = dump_checkpoint(networks()[0])
    state = load(data)
    header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
    description = json.loads(header["__metadata__"]["hndp_network"])
    if change == "wrong shape":
        state["last.weight"] = torch.zeros(3, 40)
    elif change == "wrong dtype":
        state["last.weight"] = state["last.weight"].double()
    elif change == "missing tensor":
        del state["hidden.bias"]
    elif change == "surplus tensor":
        state["spare"] = torch.zeros(1)
    elif change == "not a number":
        state["hidden.bias"][3] = float("nan")
    elif change == "unknown kind":
        description["kind"] = "transformer"
    elif change == "newer format":
        description["format"] = 3
    elif change == "older format":
        description["format"] = 1
    elif change == "unknown head":
        description["architecture"]["head"]["kind"] = "spline"
    elif change == "head without a kind":
        del description["architecture"]["head"]["kind"]
    elif change == "unknown setting":
        description["architecture"]["layers"] = 3
    elif change == "setting out of range":
        description["architecture"]["head"]["config"]["attractor_gain"] = -1.0
    elif change == "architecture is no mapping":
        description["architecture"] = [1]
    return save(state, metadata={"hndp_network": json.dumps(description)})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("wrong shape", r"'last.weight' of the checkpoint is \(3, 40\)"),
        ("wrong dtype", "torch.float64"),
        ("missing tensor", r"missing tensors \['hidden.bias'\]"),
        ("surplus tensor", r"surplus tensors \['spare'\]"),
        ("not a number", "'hidden.bias' holds values that are not finite"),
        ("unknown kind", "no network kind 'transformer'. Available: chunking_policy, "),
        ("newer format", "format 3.*update HNDP"),
        ("older format", "format 1.*train the policy again"),
        ("unknown head", "cannot be built.*no head 'spline'"),
        ("head without a kind", "cannot be built.*no head"),
        ("unknown setting", "cannot be built.*layers"),
        ("setting out of range", "cannot be built.*attractor_gain"),
        ("architecture is no mapping", r"no architecture but \[1\]"),
    ],
)
def test_refuses_what_does_not_fit(change: str, message: str) -> None:
    with pytest.raises(CheckpointError, match=message):
        parse_checkpoint(altered(change))


def test_unaltered_it_loads() -> None:
    assert parse_checkpoint(altered("nothing")).kind == "state_policy"


class Bomb:
    """Makes a folder when a pickle of it is loaded."""

    def __init__(self, crater: Path) -> None:
        self.crater = str(crater)

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (self.crater,)


def test_refuses_a_pickle_without_running_it(tmp_path: Path) -> None:
    bomb = Bomb(tmp_path / "crater")
    archive, legacy = io.BytesIO(), io.BytesIO()
    torch.save({"weights": bomb}, archive)
    torch.save({"weights": bomb}, legacy, _use_new_zipfile_serialization=False)
    for data in (archive.getvalue(), legacy.getvalue(), pickle.dumps(bomb), pickle.dumps(bomb, protocol=0)):
        with pytest.raises(CheckpointError):
            parse_checkpoint(data)
    assert not (tmp_path / "crater").exists()
    pickle.loads(pickle.dumps(bomb))
    assert (tmp_path / "crater").exists()


def test_a_header_whose_length_begins_as_a_pickle_does_is_no_pickle() -> None:
    data = dump_checkpoint(networks()[0])
    length = int.from_bytes(data[:8], "little")
    spaces = 0x80 - length % 0x100 + 0x100
    padded = (length + spaces).to_bytes(8, "little") + data[8 : 8 + length] + b" " * spaces
    assert padded[:1] == b"\x80"
    assert parse_checkpoint(padded + data[8 + length :]).kind == "state_policy"


@pytest.mark.parametrize("data", [b"", b"\x00" * 7, b"x" * 200, save({"a": torch.zeros(1)})])
def test_refuses_what_is_no_checkpoint(data: bytes) -> None:
    with pytest.raises(CheckpointError, match="choose a file written by save_checkpoint"):
        parse_checkpoint(data)


def test_refuses_a_cut_off_file() -> None:
    with pytest.raises(CheckpointError):
        parse_checkpoint(dump_checkpoint(networks()[0])[:-100])


def test_refuses_to_save_a_diverged_network_and_keeps_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "policy.safetensors"
    network = networks()[0]
    save_checkpoint(path, network)
    before = path.read_bytes()
    with torch.no_grad():
        next(network.parameters())[0, 0] = float("inf")
    with pytest.raises(CheckpointError, match="training diverged"):
        save_checkpoint(path, network)
    assert path.read_bytes() == before


def test_a_failed_write_leaves_the_old_file_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "policy.safetensors"
    path.write_bytes(b"old")

    def full_disk(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(OSError, match="No space left"):
        save_checkpoint(path, networks()[0])
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["policy.safetensors"]
