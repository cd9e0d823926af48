"""A second device for torch on machines that have only a CPU.

Its tensors hold their numbers on the CPU, so that results are the same bits, but it is as strict as CUDA:
what is there mixes with nothing that was left on the CPU, and NumPy does not see it.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Self

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map
from torch.utils.backend_registration import _setup_privateuseone_for_python_backend

_setup_privateuseone_for_python_backend("elsewhere")

ELSEWHERE: Final = torch.device("elsewhere:0")
_HERE: Final = torch.device("cpu")


class LeftBehind(RuntimeError):
    """A tensor on the CPU meets one that is elsewhere."""


class ElsewhereTensor(Tensor):
    """A tensor on the second device."""

    __torch_function__ = torch._C._disabled_torch_function_impl  # type: ignore[assignment]
    held: Tensor

    @staticmethod
    def __new__(cls, held: Tensor) -> "ElsewhereTensor":
        return Tensor._make_wrapper_subclass(
            cls,
            held.size(),
            strides=held.stride(),
            storage_offset=held.storage_offset(),
            dtype=held.dtype,
            device=ELSEWHERE,
        )

    def __init__(self, held: Tensor) -> None:
        self.held = held

    @classmethod
    def __torch_dispatch__(
        cls, operation: Callable, types: Sequence[type], args: Sequence = (), kwargs: Mapping | None = None
    ) -> Any:
        return _run(operation, args, kwargs or {})

    # torch asks for these two before a module's parameters move to the device in place.
    def __tensor_flatten__(self) -> tuple[list[str], None]:
        return ["held"], None

    @staticmethod
    def __tensor_unflatten__(inner: Mapping[str, Tensor], *_: object) -> "ElsewhereTensor":
        return ElsewhereTensor(inner["held"])


class SecondDevice(TorchDispatchMode):
    """While it is entered, there is the second device.

    Attributes:
        operations: how many were computed there
    """

    def __init__(self) -> None:
        super().__init__()
        self.operations = 0

    def __enter__(self) -> Self:
        # torch.tensor(..., device=...) then makes its tensor on the CPU, where this mode sees it move.
        torch._C._set_only_lift_cpu_tensors(True)
        return super().__enter__()

    def __exit__(self, *error: object) -> None:
        super().__exit__(*error)
        torch._C._set_only_lift_cpu_tensors(False)

    def __torch_dispatch__(
        self, operation: Callable, types: Sequence[type], args: Sequence = (), kwargs: Mapping | None = None
    ) -> Any:
        self.operations += any(_is_elsewhere(each) for each in tree_leaves((args, kwargs)))
        return _run(operation, args, kwargs or {})


def _run(operation: Callable, args: Sequence, kwargs: Mapping) -> Any:
    given = tree_leaves((args, kwargs))
    if operation is torch.ops.aten._to_copy.default:
        wanted = kwargs.get("device") or args[0].device
        copied = operation(_held(args[0]), **{**kwargs, "device": _HERE})
        return copied if wanted == _HERE else ElsewhereTensor(copied)
    if operation is torch.ops.aten.copy_.default:
        _held(args[0]).copy_(_held(args[1]))
        return args[0]
    if not any(_is_elsewhere(each) for each in given):
        return operation(*args, **kwargs)
    made = operation(*tree_map(_brought_here, args), **tree_map(_brought_here, kwargs))
    changed = {id(each.held): each for each in given if isinstance(each, ElsewhereTensor)}

    def sent_there(value: Any) -> Any:
        if not isinstance(value, Tensor):
            return value
        return changed[id(value)] if id(value) in changed else ElsewhereTensor(value)

    return tree_map(sent_there, made)


def _is_elsewhere(argument: object) -> bool:
    if isinstance(argument, torch.device):
        return argument.type == ELSEWHERE.type
    return isinstance(argument, ElsewhereTensor)


def _held(tensor: Tensor) -> Tensor:
    return tensor.held if isinstance(tensor, ElsewhereTensor) else tensor


def _brought_here(argument: Any) -> Any:
    if isinstance(argument, torch.device):
        return _HERE
    if isinstance(argument, ElsewhereTensor):
        return argument.held
    if isinstance(argument, Tensor) and argument.dim():  # single numbers may stay, as with CUDA
        raise LeftBehind(f"A tensor of shape {tuple(argument.shape)} was left on the CPU.")
    return argument
