"""MuJoCo, loaded so that it can render without a display. Import `mujoco` from here.

Raises on import:
    MissingGraphicsLibrary: the library that MUJOCO_GL asks for is not installed.
"""

import os

from hndp_core.errors import MissingGraphicsLibrary

os.environ.setdefault("MUJOCO_GL", "egl")

try:
    import mujoco
except (ImportError, AttributeError, OSError) as error:  # PyOpenGL's ways to say that libEGL is missing
    raise MissingGraphicsLibrary(str(error)) from error

__all__ = ["mujoco"]
