"""What the page on which a person guides the arm asks for, and the place that it means."""

from pydantic import BaseModel, Field

from hndp_core.robots.hand_guide import HandGuide
from hndp_core.tasks.panda.guided_tool import ToolPose
from hndp_core.tasks.panda.picture_view import NoPlaceThere, PictureView

Point = tuple[float, float]


class Drag(BaseModel):
    """A pointer that moved in the picture, from one point (u, v) to another.

    The way between the two points counts, not where the pointer is: a hand need not hit the tool, and a tool
    that is lowered under a still pointer goes straight down.

    Attributes:
        grabbed: where the pointer was pressed
        pointer: where it is
        began: where the tool was then, x, y [m]
        by_foot: whether the tool's foot on the table was taken, and follows the pointer, rather than the tool
    """

    grabbed: Point
    pointer: Point
    began: Point
    by_foot: bool = False


class Wish(BaseModel):
    """Where the tool shall go. Complete in itself, so that a lost message is made up for by the next.

    Attributes:
        place: x, y [m]; where `drag` is given, that says it
        height_m: of the tool's point above the table; snapped, the plane's height counts instead
        tilt_rad: of the tool; positive lifts its far edge
        snapped: whether the tool goes to the task's plane
        number: rises with each; the state says which one the arm follows
    """

    place: Point
    drag: Drag | None = None
    height_m: float = Field(allow_inf_nan=False)
    tilt_rad: float = Field(allow_inf_nan=False)
    snapped: bool = False
    number: int = 0


def wished_pose(wish: Wish, guide: HandGuide, view: PictureView) -> ToolPose:
    """The pose that is wished, in the room where the tool may be. A drag is seen in the plane of what was
    taken: the tool at its present height, or its foot on the table.
    """
    x, y = wish.place
    if wish.drag is not None:
        x, y = _dragged(wish.drag, 0.0 if wish.drag.by_foot else guide.pose.z_m, view)
    return guide.tool.within_room(ToolPose(x, y, wish.height_m, wish.tilt_rad), wish.snapped)


def _dragged(drag: Drag, height_m: float, view: PictureView) -> Point:
    try:
        from_x, from_y = view.place_at(*drag.grabbed, height_m)
        to_x, to_y = view.place_at(*drag.pointer, height_m)
    except NoPlaceThere:  # a pointer above the horizon: the tool stays where it was taken
        return drag.began
    return drag.began[0] + to_x - from_x, drag.began[1] + to_y - from_y
