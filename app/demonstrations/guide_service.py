"""What a cell answers the page on which a person guides its arm; a part of the cell's live service."""

import threading
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.cells.arm import Arm
from app.demonstrations.guide_visit import Act
from app.demonstrations.guide_wish import Wish
from app.demonstrations.guiding import GuideOrder, Guiding
from app.demonstrations.repository import DemonstrationRepository
from app.demonstrations.salvage import (
    new_recording_path,
    offer_cut_off,
    offer_recording,
    recording_header,
    recordings_folder,
)
from app.demonstrations.service import refuse_after_start
from app.experiments.models import Region
from app.platform.database import Database
from app.platform.errors import Conflict, NotFound
from app.platform.settings import Settings
from hndp_core.hierarchy import trial_seed
from hndp_core.tasks import get_task


class Begin(BaseModel):
    """Who guides, in which region, and under which token they hold the arm."""

    user_id: int
    region_id: int
    token: int | None = None


class Lead(BaseModel):
    """A sign of life of the guiding page, with what it wishes."""

    user_id: int
    wish: Wish | None = None


class Asked(BaseModel):
    user_id: int
    act: Act


class GuidedByAnother(Conflict):
    def __init__(self) -> None:
        super().__init__("Somebody guides the arm on another page. Wait until they have ended.")


class NoGuiding(Conflict):
    def __init__(self) -> None:
        super().__init__("Your guiding has ended. Open the page again to begin anew.")


class GuideDesk:
    """The one guiding that the cell's arm may have at a time."""

    def __init__(self, database: Database, settings: Settings, arm: Arm) -> None:
        self._database = database
        self._settings = settings
        self._arm = arm
        self._guiding: Guiding | None = None
        self._changing = threading.Lock()

    def begin(self, asked: Begin) -> dict[str, Any]:
        """Begin a guiding; the user's own former one ends.

        Raises:
            GuidedByAnother: the arm is in another user's hands.
            StaleLease: the user may not move the arm.
            Conflict: the experiment has started.
            NotFound: no such region.
        """
        self._arm.guard.require_operator(asked.token, asked.user_id)
        with self._changing:
            former = self._guiding
            if former is not None and not former.over:
                if former.order.user_id != asked.user_id:
                    raise GuidedByAnother
                former.end()
            if former is None or former.over:  # else its file is not yet a left-over
                self._offer_left_over()
            with self._database.reading() as session:
                order = self._order(session, asked)
            self._guiding = Guiding(self._arm, order, self._keep)
            return self._guiding.lead(None)

    def lead(self, asked: Lead) -> dict[str, Any]:
        return self._of(asked.user_id).lead(asked.wish)

    def act(self, asked: Asked) -> dict[str, Any]:
        return self._of(asked.user_id).ask(asked.act)

    def close(self) -> None:
        """End what is under way, and wait until the arm is free."""
        if self._guiding is not None:
            self._guiding.end()

    def _of(self, user_id: int) -> Guiding:
        guiding = self._guiding
        if guiding is None or guiding.order.user_id != user_id:
            raise NoGuiding
        return guiding

    def _offer_left_over(self) -> None:
        """Offer what found no room when it was recorded, or was cut off."""
        offer_cut_off(self._database, self._settings.artefacts, recordings_folder(self._settings))

    def _keep(self, path: Path) -> int | None:
        return offer_recording(self._database, self._settings.artefacts, path)

    def _order(self, session: Session, asked: Begin) -> GuideOrder:
        region, user = session.get(Region, asked.region_id), session.get_one(User, asked.user_id)
        if region is None:
            raise NotFound("region", asked.region_id)
        experiment = region.experiment
        refuse_after_start(experiment)
        takes = [each.take for each in DemonstrationRepository(session).of_region(region.id)]
        next_take = max(takes, default=0) + 1
        folder = recordings_folder(self._settings)
        order = GuideOrder(
            user_id=user.id,
            experiment_id=experiment.id,
            task=experiment.task,
            region=region.place(),
            region_id=region.id,
            seed=trial_seed(experiment.seed, 0, "demonstration", region.index, 0, next_take - 1),
            header=recording_header(region, user, get_task(experiment.task).control_rate_hz, None),
            path=lambda: new_recording_path(folder, region),
        )
        session.expunge(region)  # its name is asked for after the session's end
        return order


def offer_guiding(service: FastAPI, desk: GuideDesk) -> None:
    """POST /guide/begin, /guide/lead and /guide/act, which answer with the guiding's state."""

    @service.post("/guide/begin")
    def begin(asked: Begin) -> dict[str, Any]:
        return desk.begin(asked)

    @service.post("/guide/lead")
    async def lead(asked: Lead) -> dict[str, Any]:
        return desk.lead(asked)

    @service.post("/guide/act")
    async def act(asked: Asked) -> dict[str, Any]:
        return desk.act(asked)
