"""mink, loaded after MuJoCo has heard how to render: it would load MuJoCo itself. Import `mink` from here."""

from hndp_core.tasks.panda import simulator

# isort: split
import mink

__all__ = ["mink", "simulator"]
