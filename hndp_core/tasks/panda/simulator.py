"""MuJoCo, loaded so that it can render without a display. Import `mujoco` from here.

Raises on import:
    MissingGraphicsLibrary: the library that MUJOCO_GL asks for is not installed.
"""

import os
from typing import Any, TypeAlias

from hndp_core.errors import MissingGraphicsLibrary

os.environ.setdefault("MUJOCO_GL", "egl")

try:
    import mujoco as _mujoco
except (ImportError, AttributeError, OSError) as error:  # PyOpenGL's ways to say that libEGL is missing
    raise MissingGraphicsLibrary(str(error)) from error

mujoco: Any = _mujoco
"""MuJoCo ships no types: to a type checker its names would be unknown."""

Spec: TypeAlias = Any
Body: TypeAlias = Any
Model: TypeAlias = Any
Data: TypeAlias = Any
Renderer: TypeAlias = Any
VisualScene: TypeAlias = Any
