"""Labels for a trial while it runs: the cell ends its motion and stores both, or the web process labels it.

The cell writes while it answers, so no transaction is open meanwhile.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.concurrency import run_in_threadpool

from app.accounts.current_user import refuse_viewer, signed_in
from app.accounts.models import User
from app.cells.cell_client import Address, CellClientDep
from app.platform.database import Database
from app.platform.durable import Jobs
from app.platform.requests import DatabaseDep, JobsDep
from app.trials.labelling import label_trial
from app.trials.repository import TrialRepository
from app.trials.schemas import LabelAnswer, LabelForm

router = APIRouter()


class LiveLabelForm(LabelForm):
    """A judgement, with the token of the arm where the page holds it."""

    token: int | None = None


def judge(request: Request, database: DatabaseDep, trial_id: int) -> tuple[int, Address]:
    """Who judges, and where the trial's cell is.

    Raises:
        NotSignedIn: nobody.
        NotAllowed: a viewer.
        NotFound: no such trial.
    """
    with database.reading() as session:
        user = signed_in(request.session, session)
        refuse_viewer(user)
        return user.id, Address.of(TrialRepository(session).get(trial_id).cell)


@router.post("/trials/{trial_id}/live-label")
async def live_label(
    trial_id: int,
    form: Annotated[LiveLabelForm, Form()],
    judged_by: Annotated[tuple[int, Address], Depends(judge)],
    cells: CellClientDep,
    database: DatabaseDep,
    jobs: JobsDep,
) -> LabelAnswer:
    """End the trial's motion with this label; one that has ended by itself is labelled as any other."""
    user_id, address = judged_by
    label = LabelForm(**form.model_dump(exclude={"token"}))
    asked = {
        "user_id": user_id,
        "trial_id": trial_id,
        "token": form.token,
        "label": label.model_dump(mode="json"),
    }
    stored = (await cells.act(address, "/judge", asked))["label"]
    if stored is not None:
        return LabelAnswer(**stored)
    return await run_in_threadpool(_label, database, jobs, user_id, trial_id, label)


def _label(database: Database, jobs: Jobs, user_id: int, trial_id: int, label: LabelForm) -> LabelAnswer:
    with database.transaction() as session:
        return label_trial(session, jobs, session.get_one(User, user_id), trial_id, label)
