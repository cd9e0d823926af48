"""Array shapes and argument types of the method's innermost floors are checked while tests run."""

import os
from pathlib import Path

from jaxtyping import install_import_hook

_SOURCE = Path(__file__).parents[1] / "hndp_core"
# Settings check themselves and name the remedy; the type checker would get in before them.
_SELF_CHECKED = {"hndp_core.motion.config"}

# Before torch starts its threads: networks this small only lose time by sharing cores.
os.environ.setdefault("OMP_NUM_THREADS", "1")

install_import_hook(
    [
        module
        for package in ("motion", "policies")
        for path in sorted((_SOURCE / package).glob("*.py"))
        if (module := f"hndp_core.{package}.{path.stem}") not in _SELF_CHECKED
    ],
    "beartype.beartype",
)
