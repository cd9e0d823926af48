"""Networks as safetensors files; nothing in them is ever executed."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save

from hndp_core.errors import CheckpointError, UnknownName
from hndp_core.motion import build_head
from hndp_core.policies.chunking_policy import ChunkingPolicy
from hndp_core.policies.encoder import EncoderConfig
from hndp_core.policies.nearest_demonstration import NearestDemonstration
from hndp_core.policies.network import Network
from hndp_core.policies.pose_network import PoseNetwork
from hndp_core.policies.stacked_state_policy import StackedStatePolicy
from hndp_core.policies.state_policy import StatePolicy
from hndp_core.policies.transformer_config import TransformerConfig
from hndp_core.policies.visuomotor_policy import VisuomotorPolicy

# One metadata key only: safetensors writes several in an order that changes from run to run.
_METADATA_KEY = "hndp_network"
_FORMAT = 2
_BUILDERS: dict[str, Callable[..., Network]] = {
    network.kind: network
    for network in (
        StatePolicy,
        StackedStatePolicy,
        VisuomotorPolicy,
        ChunkingPolicy,
        NearestDemonstration,
        PoseNetwork,
    )
}
_PARTS: dict[str, Callable[[dict[str, Any]], object]] = {
    "head": build_head,
    "encoder": lambda values: EncoderConfig(**values),
    "transformer": lambda values: TransformerConfig(**values),
}


def dump_checkpoint(network: Network) -> bytes:
    """The network as the bytes of a safetensors file; equal weights give equal bytes.

    Raises:
        CheckpointError: a weight is not finite: such a network would never load again.
    """
    description = {"format": _FORMAT, "kind": network.kind, "architecture": network.architecture()}
    state = {name: value.detach().cpu().contiguous() for name, value in network.state_dict().items()}
    _check_finite(state)
    return save(state, metadata={_METADATA_KEY: json.dumps(description, sort_keys=True)})


def parse_checkpoint(data: bytes) -> Network:
    """Build the network that `dump_checkpoint` wrote.

    Raises:
        CheckpointError: the bytes are a pickle or archive, damaged, of an unknown kind, or their tensors do
        not fit
            the architecture they name; nothing of them has been executed.
    """
    if data[:2] == b"PK" or (data[:1] == b"\x80" and not _begins_as_safetensors(data)):
        raise CheckpointError(
            "This checkpoint is a pickle, which could run code and is never loaded: "
            "save the network again with save_checkpoint."
        )
    try:
        state = load(data)
        description = json.loads(_metadata(data)[_METADATA_KEY])
        kind, architecture, version = (description[key] for key in ("kind", "architecture", "format"))
    except (SafetensorError, KeyError, TypeError, ValueError) as error:
        raise CheckpointError(
            f"This is no checkpoint of a network ({error}): choose a file written by save_checkpoint."
        ) from error
    if version != _FORMAT:
        remedy = "train the policy again" if version in range(_FORMAT) else "update HNDP"
        raise CheckpointError(f"The checkpoint has format {version}, this version reads {_FORMAT}: {remedy}.")
    network = _build(kind, architecture)
    _check_fit(network, state)
    _check_finite(state)
    network.load_state_dict(state)
    return network


def save_checkpoint(path: Path, network: Network) -> None:
    """Write the network to `path`, which holds either all of it or what was there before.

    Raises:
        CheckpointError: a weight is not finite.
        OSError: the file cannot be written.
    """
    data = dump_checkpoint(network)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def load_checkpoint(path: Path) -> Network:
    """Read the network that `save_checkpoint` wrote.

    Raises:
        CheckpointError: see `parse_checkpoint`.
        OSError: the file cannot be read.
    """
    return parse_checkpoint(path.read_bytes())


def _begins_as_safetensors(data: bytes) -> bool:
    """Whether a JSON header of the announced length can follow; that length may begin as a pickle does."""
    return data[8:9] == b"{" and int.from_bytes(data[:8], "little") <= len(data) - 8


def _metadata(data: bytes) -> dict[str, str]:
    """The metadata in the header of a safetensors file: 8 bytes of length, then JSON."""
    length = int.from_bytes(data[:8], "little")
    return json.loads(data[8 : 8 + length])["__metadata__"]


def _build(kind: object, architecture: object) -> Network:
    if not isinstance(kind, str) or kind not in _BUILDERS:
        unknown = UnknownName("network kind", str(kind), _BUILDERS)
        raise CheckpointError(f"The checkpoint does not fit this version. {unknown}") from unknown
    if not isinstance(architecture, dict):
        raise CheckpointError(
            f"The checkpoint names no architecture but {architecture!r}: choose another file."
        )
    try:
        arguments = {
            name: _PARTS[name](value) if name in _PARTS else value for name, value in architecture.items()
        }
        return _BUILDERS[kind](**arguments, generator=torch.Generator())
    except (TypeError, ValueError, LookupError, RuntimeError) as error:
        raise CheckpointError(
            f"The checkpoint names an architecture that cannot be built: {error}"
        ) from error


def _check_fit(network: Network, state: dict[str, torch.Tensor]) -> None:
    expected = network.state_dict()
    missing, surplus = sorted(expected.keys() - state.keys()), sorted(state.keys() - expected.keys())
    if missing or surplus:
        raise CheckpointError(
            f"The checkpoint does not fit a {network.kind}: "
            f"missing tensors {missing}, surplus tensors {surplus}."
        )
    for name, value in state.items():
        wanted = expected[name]
        if value.shape != wanted.shape or value.dtype != wanted.dtype:
            raise CheckpointError(
                f"Tensor {name!r} of the checkpoint is {tuple(value.shape)} {value.dtype}, "
                f"a {network.kind} needs {tuple(wanted.shape)} {wanted.dtype}."
            )


def _check_finite(state: dict[str, torch.Tensor]) -> None:
    for name, value in state.items():
        if not torch.isfinite(value).all():
            raise CheckpointError(
                f"Tensor {name!r} holds values that are not finite: "
                "the training diverged, lower its learning rate."
            )
