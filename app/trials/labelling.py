"""People judge the trials of experiments. The caller commits."""

from typing import Final

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.platform.durable import Jobs
from app.platform.errors import Conflict, NotFound
from app.training.label_snapshot import label_hash
from app.trials.judging import Judging
from app.trials.models import LabelEvent, Trial
from app.trials.repository import TrialRepository
from app.trials.rubrics import rubric_of
from app.trials.schemas import LabelAnswer, LabelForm, UndoForm
from app.trials.waiting import LABELLED_PURPOSES
from hndp_core.tasks import Rubric

_KINDS: Final = {"local": "local trial", "gate": "gate trial", "held_out": "held-out trial"}


def label_trial(session: Session, jobs: Jobs, author: User, trial_id: int, form: LabelForm) -> LabelAnswer:
    """Judge a trial of an experiment, say more of one's judgement, or correct a label.

    A correction that comes after the gate of the trial was set changes no gate: the answer says that it is
    outdated.

    Raises:
        NotFound: no such trial.
        Conflict: the trial cannot be labelled (any more), or not as the page believed.
        Invalid: a correction without its reason, or more milestones than there are.
    """
    return ExperimentJudging(session, jobs, form.experiment_id, form.iteration).label(author, trial_id, form)


def undo_label(session: Session, jobs: Jobs, author: User, form: UndoForm) -> LabelAnswer:
    """Withdraw a judgement of the author: that of the given trial, or the last one.

    Raises:
        NotFound: no such trial in the experiment.
        Conflict: the author has no label there, its trial is being run again, or its gate is set.
    """
    if form.trial_id is not None and form.experiment_id is not None:
        trial = TrialRepository(session).get(form.trial_id)
        if trial.iteration.experiment_id != form.experiment_id:
            raise NotFound(f"trial of experiment {form.experiment_id} with the number", form.trial_id)
    return ExperimentJudging(session, jobs, form.experiment_id).take_back(author, form)


class ExperimentJudging(Judging):
    """Judgements of experiments' trials: gates are set from them.

    Args:
        session: of the caller's transaction
        jobs: to wake the refinement by
        experiment_id: the experiment that the page takes the trial to be of; None: any
        iteration: its number, likewise
    """

    def __init__(
        self, session: Session, jobs: Jobs, experiment_id: int | None = None, iteration: int | None = None
    ) -> None:
        super().__init__(session)
        self._jobs = jobs
        self._experiment_id = experiment_id
        self._iteration = iteration

    def get(self, trial_id: int) -> Trial:
        return self._trials.get(trial_id)

    def locked(self, trial_id: int) -> Trial:
        return self._trials.locked(trial_id)

    def last_own(self, author: User) -> LabelEvent | None:
        return self._trials.last_own_label(self._experiment_id, author.id)

    def rubric(self, trial: Trial) -> Rubric:
        return rubric_of(self._session, trial.iteration.experiment.task)

    def tell(self, trial: Trial, event: LabelEvent) -> None:
        self._jobs.label_arrived(self._session, trial.iteration.experiment_id, event.request_key)

    def check_open(self, trial: Trial) -> None:
        self._check_page(trial)
        name = f"The {_KINDS[trial.purpose]} in {trial.region.name} of iteration {trial.iteration.number}"
        if trial.purpose not in LABELLED_PURPOSES:
            raise Conflict(
                f"{name} is not judged: it only feeds the data set. Label gate and held-out trials."
            )
        if trial.iteration.experiment.status == "cancelled":
            raise Conflict(f"{name} belongs to a cancelled experiment, whose labels stay as they are.")
        if trial.status != "executed":
            raise Conflict(f"{name} was not run yet: it comes to the queue when the arm has done it.")
        again = self._trials.next_attempt(trial)
        if again is not None:
            raise Conflict(
                f"{name} was judged invalid and is run again: judge its attempt {again.attempt} when it is "
                "there."
            )

    def check_withdrawal(self, trial: Trial) -> None:
        iteration = trial.iteration
        if iteration.experiment.refines and self._trials.gate_of(trial) is not None:
            raise Conflict(
                f"The gate of {trial.region.name} in iteration {iteration.number} is set: open the trial and "
                "correct its label with a reason, rather than take it back."
            )

    def depends_on(self, trial: Trial) -> str | None:
        iteration = trial.iteration
        if not iteration.experiment.refines or self._trials.gate_of(trial) is None:
            return None
        return f"The gate of {trial.region.name} in iteration {iteration.number} was set from this label"

    def answer(self, trial: Trial, event: LabelEvent) -> LabelAnswer:
        gate = self._trials.gate_of(trial)
        now_hash = None if gate is None else label_hash(self._session, gate.iteration_id, gate.region_id)
        told = super().answer(trial, event)
        if gate is None or gate.label_hash == now_hash:
            return told
        notice = (
            f"The gate of {trial.region.name} in iteration {trial.iteration.number} was set before this and "
            "stays as it is: the record shows it as outdated."
        )
        return told.model_copy(update={"gate_outdated": True, "notice": notice})

    def _check_page(self, trial: Trial) -> None:
        """Refuse a label that was meant for another experiment or iteration than the trial's."""
        iteration = trial.iteration
        if self._experiment_id is not None and self._experiment_id != iteration.experiment_id:
            raise Conflict(
                f"Trial {trial.id} belongs to another experiment, {iteration.experiment.name!r}: nothing was "
                "stored. Reload the page."
            )
        if self._iteration is not None and self._iteration != iteration.number:
            raise Conflict(
                f"Trial {trial.id} belongs to iteration {iteration.number}, not {self._iteration}: nothing "
                "was stored. Reload the page."
            )
