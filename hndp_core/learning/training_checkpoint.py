"""Resumable training: model, optimiser and position in one file that is replaced as a whole.

A killed training goes on from its last checkpoint and ends with the same bits: all randomness is
derived from (seed, step), never drawn from a running stream, so that the position says it all.
"""

import json
from hashlib import blake2b
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import nn

from hndp_core.data.artefact_store import ArtefactStore
from hndp_core.errors import CheckpointError


def fingerprint(*parts: str | int | bytes | np.ndarray | nn.Module) -> str:
    """A hash of all that a training depends on: settings as text, seeds, arrays, weights it starts from."""
    digest = blake2b(digest_size=16)
    for part in parts:
        if isinstance(part, nn.Module):
            for name, value in part.state_dict().items():
                digest.update(name.encode())
                digest.update(value.detach().cpu().contiguous().numpy().tobytes())
        elif isinstance(part, np.ndarray):
            digest.update(f"{part.dtype}{part.shape}".encode())
            digest.update(np.ascontiguousarray(part).tobytes())
        else:
            digest.update(part if isinstance(part, bytes) else f"{part}\0".encode())
    return digest.hexdigest()


class TrainingCheckpoint:
    """Writes and reads the state of one training.

    Args:
        path: the file; None: nothing is kept
        purpose: fingerprint of the training, see `fingerprint`
    """

    def __init__(self, path: Path | None, purpose: str) -> None:
        self._path = path
        self._purpose = purpose

    def save(self, model: nn.Module, optimiser: torch.optim.Optimizer, done: int) -> None:
        """Replace the file by the present state, after `done` steps."""
        if self._path is None:
            return
        tensors = {f"model/{name}": value for name, value in model.state_dict().items()}
        for index, state in optimiser.state_dict()["state"].items():
            tensors |= {f"optimiser/{index}/{name}": value for name, value in state.items()}
        contiguous = {name: value.detach().cpu().contiguous().clone() for name, value in tensors.items()}
        position = json.dumps({"purpose": self._purpose, "done": done})
        ArtefactStore(self._path.parent).write(
            self._path.name, save(contiguous, metadata={"position": position})
        )

    def resume(self, model: nn.Module, optimiser: torch.optim.Optimizer) -> int:
        """Bring model and optimiser to the stored state and return the steps done; 0 without a file.

        Raises:
            CheckpointError: for a file of another training, or one that is no checkpoint.
        """
        if self._path is None or not self._path.exists():
            return 0
        try:
            with safe_open(self._path, framework="pt") as file:
                position = json.loads((file.metadata() or {})["position"])
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        except (SafetensorError, KeyError, ValueError) as error:
            raise CheckpointError(
                f"{self._path} is no training checkpoint ({error}): delete it to start this training anew."
            ) from error
        if position["purpose"] != self._purpose:
            raise CheckpointError(
                f"{self._path} is of a training with other settings, seed or data: delete it to start anew."
            )
        # Copies land in memory that torch aligned itself: kernels may sum unaligned memory in another order.
        model.load_state_dict(
            {name[6:]: value for name, value in tensors.items() if name.startswith("model/")}
        )
        states: dict[int, dict[str, torch.Tensor]] = {}
        for name, value in tensors.items():
            if name.startswith("optimiser/"):
                _, index, key = name.split("/")
                states.setdefault(int(index), {})[key] = value.clone()
        optimiser.load_state_dict({**optimiser.state_dict(), "state": states})
        return position["done"]

    def remove(self) -> None:
        """Delete the file once the training's result is stored elsewhere."""
        if self._path is not None:
            self._path.unlink(missing_ok=True)
