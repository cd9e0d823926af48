"""Judging the trials of blind sessions. The caller commits."""

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.evaluations.models import EvaluationSession
from app.evaluations.repository import EvaluationRepository
from app.evaluations.session_rubric import rubric_of_session
from app.platform.durable import Jobs
from app.platform.errors import Conflict
from app.trials.judging import Judging
from app.trials.models import LabelEvent, Trial
from hndp_core.tasks import Rubric


class BlindJudging(Judging):
    """Judgements of one session's trials, until it is closed; nothing here reads whose policy one tried."""

    def __init__(self, session: Session, jobs: Jobs, session_id: int) -> None:
        super().__init__(session)
        self._jobs = jobs
        self._evaluations = EvaluationRepository(session)
        self._session_id = session_id

    def get(self, trial_id: int) -> Trial:
        return self._evaluations.trial(self._session_id, trial_id)

    def locked(self, trial_id: int) -> Trial:
        """The whole session is held: neither its end nor the next attempt of a trial overtakes a label."""
        self._evaluations.locked(self._session_id)
        return self.get(trial_id)

    def last_own(self, author: User) -> LabelEvent | None:
        return next(iter(self._evaluations.decisions(self._session_id, 1, author.id)), None)

    def rubric(self, trial: Trial) -> Rubric:
        return rubric_of_session(self._session, self._row)

    def tell(self, trial: Trial, event: LabelEvent) -> None:
        self._jobs.evaluation_changed(self._session, self._session_id)

    def check_open(self, trial: Trial) -> None:
        if self._row.status == "closed":
            raise Conflict("The session is closed: its letters are known, so its labels stay as they are.")
        name = f"The trial in {trial.region.name}"
        if trial.status != "executed":
            raise Conflict(f"{name} was not run yet: it comes to the queue when the arm has done it.")
        again = self._evaluations.next_attempt(trial)
        if again is not None:
            raise Conflict(
                f"{name} was judged invalid and is run again: judge its attempt {again.attempt} when it is "
                "there."
            )

    @property
    def _row(self) -> EvaluationSession:
        return self._session.get_one(EvaluationSession, self._session_id)
