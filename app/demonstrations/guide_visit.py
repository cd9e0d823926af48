"""What a guiding page asks for and is told: shared by the threads that hear it and the one that guides."""

import time
from collections.abc import Sequence
from typing import Any, Final, Literal

from app.demonstrations.guide_wish import Wish

Phase = Literal["waiting", "ready", "recording", "recorded", "ended"]
Act = Literal["start", "stop", "again", "end"]

SILENT_S: Final = 1.0
"""Silence of the page after which the arm holds."""

GONE_S: Final = 15.0
"""Silence after which the page is taken to be closed, and the arm is free for others."""


class GuideVisit:
    """One page at one region, from its opening to its end.

    Attributes:
        wish: where the page wants the tool, in the newest message that said so; None before the first
        told: the state as JSON values, for every answer to the page
    """

    def __init__(self, region_id: int) -> None:
        self.wish: Wish | None = None
        self.told: dict[str, Any] = {"phase": "waiting", "region_id": region_id}
        self._region_id = region_id
        self._asked: Act | None = None
        self._heard_s = time.monotonic()

    # Called by those who hear the page.

    def hear(self, wish: Wish | None = None) -> dict[str, Any]:
        """Hear the page, with what it wishes now; return the state."""
        self._heard_s = time.monotonic()
        self.wish = wish or self.wish
        return self.told

    def ask(self, act: Act) -> dict[str, Any]:
        """Ask for an act; return the state before it is done."""
        self._heard_s = time.monotonic()
        self._asked = act
        return self.told

    def end(self) -> None:
        """Ask for the end, without the page having been heard."""
        self._asked = "end"

    # Called by the thread that guides.

    @property
    def silent(self) -> bool:
        """Whether the arm must hold, since nothing is heard of the page."""
        return time.monotonic() - self._heard_s > SILENT_S

    @property
    def gone(self) -> bool:
        """Whether nobody is at the page any more."""
        return time.monotonic() - self._heard_s > GONE_S

    @property
    def wants_the_end(self) -> bool:
        """Whether the recording, or all of it, is to end; `take` takes the act."""
        return self._asked in ("stop", "end")

    def take(self, acts: Sequence[Act]) -> Act | None:
        """Take what was asked for, if it is one of these or "end"; anything else is dropped."""
        asked, self._asked = self._asked, None
        return asked if asked == "end" or asked in acts else None

    def tell(self, phase: Phase, **facts: Any) -> None:
        """Change the state; what came of the last recording stays until the next one."""
        last = dict(self.told) if phase in ("recorded", "ended") else {}
        self.told = {**last, "phase": phase, "region_id": self._region_id, **facts}
