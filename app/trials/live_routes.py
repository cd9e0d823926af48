"""Labels for a trial while it runs: the cell ends its motion and stores both, or the web process labels it.

The cell writes while it answers, so no transaction is open meanwhile.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Form
from starlette.concurrency import run_in_threadpool

from app.accounts.current_user import AskerDep
from app.accounts.models import User
from app.cells.cell_client import Address, CellClientDep
from app.platform.requests import DatabaseDep, JobsDep
from app.trials.labelling import label_trial
from app.trials.repository import TrialRepository
from app.trials.schemas import LabelAnswer, LabelForm

router = APIRouter()


class LiveLabelForm(LabelForm):
    """A judgement, with the token of the arm where the page holds it."""

    token: int | None = None


def address_of_trial(database: DatabaseDep, trial_id: int) -> Address:
    """Where the trial's cell is.

    Raises:
        NotFound: no such trial.
    """
    with database.reading() as session:
        return Address.of(TrialRepository(session).get(trial_id).cell)


class LiveDoor:
    """Takes a label while its trial may still run: it ends the motion, and is stored with it. One that comes
    after the motion has ended by itself is a label as any other.
    """

    def __init__(
        self,
        trial_id: int,
        user: AskerDep,
        address: Annotated[Address, Depends(address_of_trial)],
        cells: CellClientDep,
        database: DatabaseDep,
        jobs: JobsDep,
    ) -> None:
        self._trial_id = trial_id
        self._user_id = user.id
        self._address = address
        self._cells = cells
        self._database = database
        self._jobs = jobs

    async def take(self, form: LiveLabelForm) -> LabelAnswer:
        """
        Raises:
            CellRefuses: who asks does not hold the arm, or nothing is there to judge (yet).
            CellSilent: the cell does not answer.
            Conflict: the trial cannot be labelled so.
        """
        label = LabelForm(**form.model_dump(exclude={"token"}))
        asked = {
            "user_id": self._user_id,
            "trial_id": self._trial_id,
            "token": form.token,
            "label": label.model_dump(mode="json"),
        }
        stored = (await self._cells.act(self._address, "/judge", asked))["label"]
        if stored is not None:
            return LabelAnswer(**stored)
        return await run_in_threadpool(self._label, label)

    def _label(self, label: LabelForm) -> LabelAnswer:
        with self._database.transaction() as session:
            author = session.get_one(User, self._user_id)
            return label_trial(session, self._jobs, author, self._trial_id, label)


LiveDoorDep = Annotated[LiveDoor, Depends()]


@router.post("/trials/{trial_id}/live-label")
async def live_label(form: Annotated[LiveLabelForm, Form()], door: LiveDoorDep) -> LabelAnswer:
    return await door.take(form)
