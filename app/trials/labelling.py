"""People judge trials: labels are events that are only ever added. The caller commits.

Each function takes the key of the request that asked for it: the same request sent twice is stored once, and
answered alike.
"""

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.platform.durable import Jobs
from app.platform.errors import Conflict, NotFound
from app.training.gate_setting import label_hash
from app.trials.models import LabelEvent, Trial
from app.trials.repository import LABELLED_PURPOSES, TrialRepository
from app.trials.schemas import LabelAnswer, LabelForm, UndoForm


def label_trial(session: Session, jobs: Jobs, author: User, trial_id: int, form: LabelForm) -> LabelAnswer:
    """Judge a trial, or correct its label.

    A correction that comes after the gate of the trial was set changes no gate: the answer says that it is
    outdated.

    Raises:
        NotFound: no such trial.
        Conflict: the trial cannot be labelled (any more), or not as the page believed.
    """
    trials = TrialRepository(session)
    trial = trials.locked(trial_id)
    repeated = _repeated(trials, author, form.request_key, trial_id, form.outcome)
    if repeated is not None:
        return _answer(session, trials, trial, repeated)
    _check_page(trial, form)
    _check_open(trials, trial)
    current = current_label(trial)
    if current is not None and current.outcome == form.outcome:
        return _answer(session, trials, trial, current)
    if form.instead_of is not None and form.instead_of != (current.id if current else 0):
        raise Conflict(_changed_meanwhile(trial, current))
    event = LabelEvent(
        trial_id=trial.id,
        author=author,
        outcome=form.outcome,
        note=form.note,
        request_key=form.request_key,
    )
    trials.add_label(event)
    jobs.label_arrived(session, trial.iteration.experiment_id, form.request_key)
    return _answer(session, trials, trial, event)


def undo_label(session: Session, jobs: Jobs, author: User, form: UndoForm) -> LabelAnswer:
    """Withdraw a label of the author: that of the given trial, or the last one in the experiment.

    Raises:
        NotFound: no such trial in the experiment.
        Conflict: the author has no label there that counts, or its trial is being run again.
    """
    trials = TrialRepository(session)
    repeated = _repeated(trials, author, form.request_key, form.trial_id, "withdrawn")
    if repeated is not None:
        return _answer(session, trials, trials.get(repeated.trial_id), repeated)
    trial = trials.locked(form.trial_id or _last_own_trial(trials, form.experiment_id, author))
    if trial.iteration.experiment_id != form.experiment_id:
        raise NotFound(f"trial of experiment {form.experiment_id} with the number", trial.id)
    current = current_label(trial)
    if current is None or current.author_id != author.id:
        raise Conflict(_not_yours(trial, current))
    _check_open(trials, trial)
    event = LabelEvent(trial_id=trial.id, author=author, outcome="withdrawn", request_key=form.request_key)
    trials.add_label(event)
    jobs.label_arrived(session, form.experiment_id, form.request_key)
    return _answer(session, trials, trial, event)


def current_label(trial: Trial) -> LabelEvent | None:
    """The label that counts: the last event, unless it withdrew the ones before."""
    if not trial.labels or trial.labels[-1].outcome == "withdrawn":
        return None
    return trial.labels[-1]


def spoken_purpose(purpose: str) -> str:
    return {"local": "local trial", "gate": "gate trial", "held_out": "held-out trial"}[purpose]


def _repeated(
    trials: TrialRepository, author: User, request_key: str, trial_id: int | None, outcome: str
) -> LabelEvent | None:
    """The event that this very request has stored before.

    Raises:
        Conflict: the key belongs to another request.
    """
    stored = trials.label_of_request(request_key)
    if stored is None:
        return None
    if (
        stored.author_id != author.id
        or stored.outcome != outcome
        or stored.trial_id != (trial_id or stored.trial_id)
    ):
        raise Conflict("This request key was used for another label: reload the page and judge again.")
    return stored


def _last_own_trial(trials: TrialRepository, experiment_id: int, author: User) -> int:
    last = trials.last_own_label(experiment_id, author.id)
    if last is None:
        raise Conflict("You have given no label here that could be taken back.")
    return last.trial_id


def _check_page(trial: Trial, form: LabelForm) -> None:
    """Refuse a label that was meant for another experiment or iteration than the trial's."""
    iteration = trial.iteration
    if form.experiment_id is not None and form.experiment_id != iteration.experiment_id:
        raise Conflict(
            f"Trial {trial.id} belongs to another experiment, {iteration.experiment.name!r}: nothing was "
            "stored. Reload the page."
        )
    if form.iteration is not None and form.iteration != iteration.number:
        raise Conflict(
            f"Trial {trial.id} belongs to iteration {iteration.number}, not {form.iteration}: nothing was "
            "stored. Reload the page."
        )


def _check_open(trials: TrialRepository, trial: Trial) -> None:
    """Refuse a label for a trial that nobody judges."""
    name = f"The {spoken_purpose(trial.purpose)} in {trial.region.name} of iteration {trial.iteration.number}"
    if trial.purpose not in LABELLED_PURPOSES:
        raise Conflict(f"{name} is not judged: it only feeds the data set. Label gate and held-out trials.")
    if trial.iteration.experiment.status == "cancelled":
        raise Conflict(f"{name} belongs to a cancelled experiment, whose labels stay as they are.")
    if trial.status != "executed":
        raise Conflict(f"{name} was not run yet: it comes to the queue when the arm has done it.")
    again = trials.next_attempt(trial)
    if again is not None:
        raise Conflict(
            f"{name} was judged invalid and is run again: judge its attempt {again.attempt} when it is there."
        )


def _changed_meanwhile(trial: Trial, current: LabelEvent | None) -> str:
    if current is None:
        return f"The label of {trial.region.name} was taken back in the meantime: look again, then judge."
    return (
        f"{current.author.name} has judged {trial.region.name} {current.outcome} in the meantime. "
        "If you disagree, change it among the last decisions."
    )


def _not_yours(trial: Trial, current: LabelEvent | None) -> str:
    if current is None:
        return f"The trial in {trial.region.name} has no label that could be taken back."
    return (
        f"The label of {trial.region.name} is by {current.author.name}: correct it among the last decisions "
        "rather than take it back."
    )


def _answer(session: Session, trials: TrialRepository, trial: Trial, event: LabelEvent) -> LabelAnswer:
    gate = trials.gate_of(trial)
    outdated = gate is not None and gate.label_hash != label_hash(session, gate.iteration_id, gate.region_id)
    notice = None
    if outdated:
        notice = (
            f"The gate of {trial.region.name} in iteration {trial.iteration.number} was set before this and "
            "stays as it is: the record shows it as outdated."
        )
    return LabelAnswer(
        trial_id=trial.id,
        event_id=event.id,
        outcome=event.outcome,
        author=event.author.name,
        gate_outdated=outdated,
        notice=notice,
    )
