"""What a cell answers the page of its camera; a part of the cell's live service."""

from contextlib import suppress
from typing import Any, Final, Literal

from fastapi import FastAPI
from fastapi.responses import Response

from app.cells.arm import Arm
from app.platform.errors import AppError
from hndp_core.data.images import encode_image
from hndp_core.robots.camera import Camera, CameraLost
from hndp_core.robots.picture import fit_picture
from hndp_core.tasks.camera_format import POLICY_IMAGE_SIZE

_JPEG_QUALITY: Final = 90


class NoPicture(AppError):
    """There is no picture to show, with the reason and the remedy."""

    status_code = 503


def offer_camera(service: FastAPI, arm: Arm, camera: Camera | None) -> None:
    """GET /camera, how the camera does, and /camera.jpg, one picture of it: whole, or as policies see it.

    Args:
        service: takes them.
        arm: whose scene is rendered where there is no camera.
        camera: of the cell; None: the scene is rendered.
    """

    @service.get("/camera")
    def condition() -> dict[str, Any]:
        return {"rendered": True} if camera is None else _told(camera)

    @service.get("/camera.jpg")
    def picture(view: Literal["whole", "policy"] = "whole") -> Response:
        try:
            if camera is None:
                shown = arm.picture()
            elif view == "whole":
                shown = camera.read()
            else:
                shown = fit_picture(camera.read(), POLICY_IMAGE_SIZE, POLICY_IMAGE_SIZE)
        except CameraLost as lost:
            raise NoPicture(str(lost)) from lost
        if shown is None:
            raise NoPicture("No picture yet: the cell is starting. Wait a moment.")
        content = encode_image(shown, "jpg", _JPEG_QUALITY)
        return Response(content, media_type="image/jpeg", headers={"Cache-Control": "no-store"})


def _told(camera: Camera) -> dict[str, Any]:
    """The camera's condition, as JSON values."""
    condition = camera.condition
    claimed_hz: float | None = None
    with suppress(CameraLost):  # one that is not open claims nothing
        claimed_hz = camera.rate_hz
    return {
        "rendered": False,
        "name": camera.name,
        "state": condition.state,
        "problem": condition.problem,
        "resolution": condition.resolution,
        "claimed_hz": claimed_hz,
        "measured_hz": condition.measured_hz,
        "age_s": condition.age_s,
    }
