"""The fixed camera of a simulated scene."""

import atexit
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import numpy as np
from jaxtyping import UInt8

from hndp_core.errors import MissingGraphicsLibrary
from hndp_core.tasks.panda.simulator import Data, Model, Renderer, Spec, VisualScene, mujoco
from hndp_core.tasks.view import Point, View

# isort: split
# After MuJoCo, which tells OpenGL how to render without a display.
from OpenGL.error import Error as OpenGLError

CAMERA: Final = "table"

Draw = Callable[[VisualScene], None]
"""Adds to an image what is no part of the model, such as ink."""


def add_camera(spec: Spec, view: View, name: str = CAMERA, up: Point = (0.0, 0.0, 1.0)) -> None:
    """Add a fixed camera; `up` points to the image's upper edge."""
    quaternion = np.empty(4)
    mujoco.mju_mat2Quat(quaternion, view.axes(up).ravel())
    spec.worldbody.add_camera(name=name, pos=view.position_m, quat=quaternion, fovy=view.field_of_view_deg)


class Camera:
    """Renders a model's fixed cameras, in a thread of its own.

    An OpenGL context is bound to one thread; with its own the camera can be used from any.
    """

    def __init__(self, model: Model) -> None:
        self._model = model
        self._thread: ThreadPoolExecutor | None = None
        self._renderers: dict[tuple[int, int], Renderer] = {}

    def render(
        self, data: Data, width: int, height: int, camera: str = CAMERA, draw: Draw | None = None
    ) -> UInt8[np.ndarray, "height width 3"]:
        """Return a camera's RGB image; `data` must not change meanwhile.

        Raises:
            MissingGraphicsLibrary: no OpenGL to render with.
        """
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, "camera")
        return self._thread.submit(self._render, data, width, height, camera, draw).result()

    def close(self) -> None:
        """Give the OpenGL contexts back; the next image makes new ones."""
        if self._thread is not None:
            self._thread.submit(self._free).result()
            self._thread.shutdown()
            self._thread = None
            atexit.unregister(self._free)

    def _render(
        self, data: Data, width: int, height: int, camera: str, draw: Draw | None
    ) -> UInt8[np.ndarray, "height width 3"]:
        renderer = self._renderers.get((width, height))
        if renderer is None:
            renderer = self._renderers[width, height] = self._open(width, height)
            atexit.unregister(self._free)
            atexit.register(self._free)  # after MuJoCo's own, so that it runs before EGL is closed
        renderer.update_scene(data, camera)
        if draw is not None:
            draw(renderer.scene)
        return renderer.render()

    def _open(self, width: int, height: int) -> Renderer:
        try:
            return mujoco.Renderer(self._model, height, width)
        except (ImportError, AttributeError, RuntimeError, OpenGLError, mujoco.FatalError) as error:
            raise MissingGraphicsLibrary(str(error).split(".")[0]) from error

    def _free(self) -> None:
        for renderer in self._renderers.values():
            renderer.close()
        self._renderers.clear()
