"""Every error that the method raises on purpose. Each message says what is wrong and what to do about it."""

from collections.abc import Iterable


class HndpError(Exception):
    """Base of all errors raised on purpose by `hndp_core`."""


class InvalidSetting(HndpError, ValueError):
    """A configuration value outside its range."""

    def __init__(self, field: str, value: object, remedy: str) -> None:
        super().__init__(f"{field} = {value!r} is not usable: {remedy}.")
        self.field = field
        self.value = value
        self.remedy = remedy


class UnknownName(HndpError, LookupError):
    """A name that no registry knows."""

    def __init__(self, kind: str, name: str, available: Iterable[str]) -> None:
        self.kind = kind
        self.name = name
        self.available = sorted(available)
        super().__init__(f"There is no {kind} {name!r}. Available: {', '.join(self.available)}.")


class ShapeMismatch(HndpError, ValueError):
    """An array whose shape does not fit."""

    def __init__(self, what: str, found: tuple[int, ...], expected: str) -> None:
        super().__init__(f"{what} has shape {found}, expected {expected}.")


class CheckpointError(HndpError):
    """A policy checkpoint that cannot be trusted or does not fit."""


class RegionOutOfReach(HndpError, ValueError):
    """A region that the arm cannot serve."""

    def __init__(self, region: str, x_m: float, y_m: float, workspace: str) -> None:
        super().__init__(
            f"Region {region} at x = {x_m:.3f} m, y = {y_m:.3f} m is out of reach: move it into {workspace}."
        )


class NotNumbers(HndpError, TypeError):
    """Values that are no real numbers."""

    def __init__(self, what: str, found: str) -> None:
        super().__init__(f"{what} holds {found}: hand over an array of real numbers.")


class TrajectoryRefused(HndpError):
    """A trajectory that would break a limit of the robot; nothing has moved.

    Attributes:
        part: joint or link that would, such as "joint 2" or "link 5"; joints count from 1.
        time_s: when, after the start.
        quantity: what breaks its limit, such as "velocity" or "distance to link 2".
        value: of the quantity, in `unit`.
        limit: of the quantity.
        too_fast: whether the same path at a lower pace would keep this limit.
    """

    def __init__(
        self,
        part: str,
        time_s: float,
        quantity: str,
        value: float,
        limit: float,
        unit: str,
        *,
        too_fast: bool = False,
    ) -> None:
        super().__init__(
            f"Trajectory refused before motion: {part} at {time_s:.2f} s has "
            f"{quantity} {value:.4g} {unit}, the limit is {limit:.4g} {unit}."
        )
        self.part = part
        self.time_s = time_s
        self.quantity = quantity
        self.value = value
        self.limit = limit
        self.too_fast = too_fast


class MissingGraphicsLibrary(HndpError, RuntimeError):
    """MuJoCo found no way to render."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"The simulated camera cannot render ({reason}). Install the software renderer: "
            "sudo apt-get install libegl1 libegl-mesa0 libgbm1 libgl1-mesa-dri"
        )


class MissingPackage(HndpError, ImportError):
    """A package that only developers need is not installed."""

    def __init__(self, package: str, needed_by: str, reason: str) -> None:
        super().__init__(
            f"{needed_by[0].upper()}{needed_by[1:]} needs {package}, which cannot be imported ({reason}). "
            "Install the packages for development: pip install -r requirements/dev.txt"
        )


class StorageFull(HndpError, OSError):
    """No room left for an artefact; what was written of it has been removed."""

    def __init__(self, path: str) -> None:
        super().__init__(
            f"The disk is full: {path} was not written. Free some space and try again; "
            "nothing is half-written."
        )
