"""Where a task's object may stand on the table."""

from dataclasses import dataclass

from hndp_core.errors import InvalidSetting


@dataclass(frozen=True)
class Workspace:
    """Rectangle on the table, in the robot's base frame [m]: x away from the base, y to its left."""

    x_min_m: float
    x_max_m: float
    y_min_m: float
    y_max_m: float

    def __post_init__(self) -> None:
        if not (self.x_min_m < self.x_max_m and self.y_min_m < self.y_max_m):
            raise InvalidSetting("workspace", str(self), "give each side a positive length")

    def contains(self, x_m: float, y_m: float) -> bool:
        """Return whether the point lies inside or on the border."""
        return self.x_min_m <= x_m <= self.x_max_m and self.y_min_m <= y_m <= self.y_max_m

    def __str__(self) -> str:
        return f"x {self.x_min_m:g} to {self.x_max_m:g} m, y {self.y_min_m:g} to {self.y_max_m:g} m"
