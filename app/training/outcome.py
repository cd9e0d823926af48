"""How a child job of a refinement ended."""

from typing import Final

DONE: Final = "done"
PAUSED: Final = "paused"
CANCELLED: Final = "cancelled"
FAILED: Final = "failed"
