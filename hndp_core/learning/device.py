"""Where a training is computed."""

import torch

from hndp_core.errors import InvalidSetting


def training_device(name: str) -> torch.device:
    """The device of that name: "cpu", or "cuda" where there is one.

    Raises:
        InvalidSetting: torch knows no such device, or this machine has none.
    """
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise InvalidSetting("device", name, "choose cpu or cuda") from error
    if device.type not in ("cpu", "cuda"):
        raise InvalidSetting("device", name, "choose cpu or cuda")
    if device.type == "cuda" and not torch.cuda.is_available():
        raise InvalidSetting("device", name, "this machine or this build of torch has no CUDA, so choose cpu")
    return device
