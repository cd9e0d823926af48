"""A person guides the arm and is recorded: the simulated one in the browser, a real one by hand."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import structlog

from app.cells.arm import Activity, Arm
from app.demonstrations.guide_visit import Act, GuideVisit
from app.demonstrations.guide_wish import Wish
from app.demonstrations.hand_leading import HandLeading
from app.demonstrations.leading import Leading
from app.demonstrations.pointer_leading import PointerLeading
from app.platform.errors import AppError
from hndp_core.data.episode_file import EpisodeHeader
from hndp_core.data.episode_log import EpisodeLog
from hndp_core.data.images import encode_image
from hndp_core.errors import HndpError
from hndp_core.robots.robot import Robot
from hndp_core.robots.simulated import SimulatedRobot
from hndp_core.tasks import get_task
from hndp_core.tasks.region import Region

_IDLE_S: Final = 0.02
_NO_ROOM: Final = (
    "The disk is full. What was recorded is safe in the cell: free some space, then begin again, and it "
    "waits on the board of demonstrations."
)

log = structlog.get_logger()


@dataclass(frozen=True)
class GuideOrder:
    """All that a guiding needs, read before the arm moves.

    Attributes:
        seed: of the scene's variation, which the demonstration to come will have, too
        path: returns a new file for a recording
    """

    user_id: int
    experiment_id: int
    task: str
    region: Region
    region_id: int
    seed: int
    header: EpisodeHeader
    path: Callable[[], Path]


class Guiding:
    """One person's guiding in one region, in a thread of its own; other threads ask and look.

    The arm follows and is recorded between "start" and "stop"; "again" lays the scene out anew. It holds
    while the page is silent.
    """

    def __init__(self, arm: Arm, order: GuideOrder, keep: Callable[[Path], int | None]) -> None:
        """Begin; `keep` offers the file of a recording as a motion and returns its id."""
        self.order = order
        self._arm = arm
        self._keep = keep
        self._visit = GuideVisit(order.region_id)
        self._thread = threading.Thread(target=self._run, name="guiding", daemon=True)
        self._thread.start()

    @property
    def over(self) -> bool:
        return not self._thread.is_alive()

    @property
    def told(self) -> dict[str, Any]:
        """The state, without the page having been heard."""
        return self._visit.told

    def lead(self, wish: Wish | None) -> dict[str, Any]:
        """Hear the page, with what it wishes now; return the state."""
        return self._visit.hear(wish)

    def ask(self, act: Act) -> dict[str, Any]:
        """Start or stop recording, lay the scene out again, or end; return the state before it is done."""
        return self._visit.ask(act)

    def end(self, timeout_s: float = 2.0) -> None:
        """End it, and wait until the arm is free."""
        self._visit.end()
        self._thread.join(timeout_s)

    def _run(self) -> None:
        reason = ""
        try:
            activity = Activity(f"guided by hand in {self.order.region.name}", self.order.experiment_id)
            with self._arm.use(self.order.task, activity) as robot:
                self._guide(robot)
        except AppError as error:  # among them the arm's guard: stopped or held
            reason = error.message
        except (HndpError, OSError) as error:
            reason = str(error)
        except Exception:
            log.exception("guiding failed", region=self.order.region.name)
            reason = "Something went wrong in the cell; its log says what. Open the page again."
        self._visit.tell("ended", reason=reason)

    def _guide(self, robot: Robot) -> None:
        visit, leading = self._visit, self._leading(robot)
        while True:
            visit.tell("waiting")
            visit.tell("ready", **leading.get_ready())
            if self._awaited(("start",), robot) == "end":
                return
            self._record(leading)
            if self._awaited(("again",), robot) == "end":
                return

    def _leading(self, robot: Robot) -> Leading:
        order = self.order
        variation = get_task(order.task).variation(order.seed)
        if isinstance(robot, SimulatedRobot):
            return PointerLeading(robot, order.task, order.region, variation)
        return HandLeading(robot, order.region, variation)

    def _awaited(self, acts: Sequence[Act], robot: Robot) -> Act:
        """Wait for one of these acts; "end" comes by itself when the page is gone or the arm is stopped."""
        while not self._visit.gone and not robot.interlock():
            asked = self._visit.take(acts)
            if asked is not None:
                return asked
            time.sleep(_IDLE_S)
        return "end"

    def _record(self, leading: Leading) -> None:
        """Let the arm be led until the stop, and offer what came of it: nothing, where nothing moved. What an
        error cuts off is offered, too, at once or, where there is no room, when the next guiding begins.
        """
        path, image = self.order.path(), leading.start_image()
        name = None if image is None else f"{path.stem}.png"
        note = ""
        try:
            with EpisodeLog(path, replace(self.order.header, start_image=name)) as episode:
                if image is not None:
                    episode.keep_start_image(encode_image(image, "png"))
                note = leading.follow(episode, self._visit)
                if note:
                    episode.cut_off()
        finally:
            if path.exists():
                motion_id = self._keep(path)
                self._visit.tell("recorded", motion_id=motion_id, note=_NO_ROOM if path.exists() else note)
