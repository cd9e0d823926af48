"""What may be said of the trials of a session: the rubric that held when it was started."""

from sqlalchemy.orm import Session

from app.evaluations.models import EvaluationSession
from app.trials.rubrics import rubric_of, unpinned_rubric
from hndp_core.tasks import Rubric


def rubric_of_session(session: Session, row: EvaluationSession) -> Rubric:
    """The pinned rubric, so that whoever changes the task's changes no session that is under way. A draft has
    none yet, and would get the task's present one.
    """
    return rubric_of(session, row.task) if row.rubric is None else unpinned_rubric(row.rubric)
