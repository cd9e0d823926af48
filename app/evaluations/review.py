"""How the arm moved in a trial of a session, where those who judge may see that."""

from typing import Any

from sqlalchemy.orm import Session

from app.evaluations.repository import EvaluationRepository
from app.experiments.motion_curves import read_record
from app.platform.errors import Conflict, NotFound
from app.trials.motion_review import motion_review
from hndp_core.data.artefact_store import ArtefactStore
from hndp_core.tasks import get_task


def motion_of(session: Session, store: ArtefactStore, session_id: int, trial_id: int) -> dict[str, Any]:
    """The motion of a trial, see `motion_review`.

    No demonstration stands beside it: a policy that imitates closely would be known by it.

    Raises:
        NotFound: no such trial in the session, or it was not run yet.
        Conflict: the plan keeps the curves from those who judge, and the session is not closed.
    """
    evaluations = EvaluationRepository(session)
    row, trial = evaluations.get(session_id), evaluations.trial(session_id, trial_id)
    if not row.shows_motion:
        raise Conflict("The plan of this session shows no curves before it is closed: judge by the film.")
    if trial.artefact_key is None:
        raise NotFound("record of trial", trial_id)
    record = read_record(store, f"{trial.artefact_key}/record.npz", trial.sha256)
    return motion_review(record, None, get_task(row.task), in_picture=trial.simulated)
