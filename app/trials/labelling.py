"""People judge trials: labels are events that are only ever added. The caller commits.

Each function takes the key of the request that asked for it: the same request sent twice is stored once, and
answered alike.
"""

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.platform.durable import Jobs
from app.platform.errors import Conflict, Invalid, NotFound
from app.training.label_snapshot import label_hash
from app.trials.judgement import is_disputed, owed_by, second_rating, standing_label
from app.trials.label_details import Details, details_of, said_in
from app.trials.models import LabelEvent, Trial
from app.trials.repository import TrialRepository
from app.trials.reservations import free
from app.trials.schemas import LabelAnswer, LabelForm, UndoForm
from app.trials.waiting import LABELLED_PURPOSES


def label_trial(session: Session, jobs: Jobs, author: User, trial_id: int, form: LabelForm) -> LabelAnswer:
    """Judge a trial, say more of one's judgement, or correct a label.

    A correction that comes after the gate of the trial was set changes no gate: the answer says that it is
    outdated.

    Raises:
        NotFound: no such trial.
        Conflict: the trial cannot be labelled (any more), or not as the page believed.
        Invalid: a correction without its reason, or more milestones than there are.
    """
    trials = TrialRepository(session)
    trial = trials.locked(trial_id)
    repeated = _repeated(trials, author, form.request_key, trial_id, form.outcome)
    if repeated is not None:
        return _answer(session, trials, trial, repeated)
    _check_page(trial, form)
    _check_open(trials, trial)
    current = second_rating(trial) if form.rating == "second" else standing_label(trial)
    details = said_in(session, trial, form, current)
    if _says_nothing_new(form, current, details):
        assert current is not None
        return _answer(session, trials, trial, current)
    if form.instead_of is not None and form.instead_of != (current.id if current else 0):
        raise Conflict(_changed_meanwhile(trial, current))
    _check_rating(trial, author, form)
    _check_reason(trials, trial, author, form, current)
    event = LabelEvent(
        trial_id=trial.id,
        author=author,
        outcome=form.outcome,
        rating=_rating(form, current),
        note=form.note,
        request_key=form.request_key,
        **details._asdict(),
    )
    trials.add_label(event)
    free(session, [trial.id])
    jobs.label_arrived(session, trial.iteration.experiment_id, form.request_key)
    return _answer(session, trials, trial, event)


def undo_label(session: Session, jobs: Jobs, author: User, form: UndoForm) -> LabelAnswer:
    """Withdraw a judgement of the author: that of the given trial, or the last one.

    Raises:
        NotFound: no such trial in the experiment.
        Conflict: the author has no label there, its trial is being run again, or its gate is set.
    """
    trials = TrialRepository(session)
    repeated = _repeated(trials, author, form.request_key, form.trial_id, "withdrawn")
    if repeated is not None:
        return _answer(session, trials, trials.get(repeated.trial_id), repeated)
    trial = trials.locked(form.trial_id or _last_own_trial(trials, form.experiment_id, author))
    iteration = trial.iteration
    if form.experiment_id is not None and iteration.experiment_id != form.experiment_id:
        raise NotFound(f"trial of experiment {form.experiment_id} with the number", trial.id)
    current = _own_judgement(trial, author)
    if current is None:
        raise Conflict(_not_yours(trial, standing_label(trial)))
    _check_open(trials, trial)
    if iteration.experiment.refines and trials.gate_of(trial) is not None:
        raise Conflict(
            f"The gate of {trial.region.name} in iteration {iteration.number} is set: open the trial and "
            "correct its label with a reason, rather than take it back."
        )
    event = LabelEvent(
        trial_id=trial.id,
        author=author,
        outcome="withdrawn",
        rating="second" if current.rating == "second" else "first",
        request_key=form.request_key,
    )
    trials.add_label(event)
    jobs.label_arrived(session, iteration.experiment_id, form.request_key)
    return _answer(session, trials, trial, event)


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


def _last_own_trial(trials: TrialRepository, experiment_id: int | None, author: User) -> int:
    last = trials.last_own_label(experiment_id, author.id)
    if last is None:
        raise Conflict("You have given no label here that could be taken back.")
    return last.trial_id


def _own_judgement(trial: Trial, author: User) -> LabelEvent | None:
    """The author's label or second rating, the later one, if it stands."""
    standing = [each for each in (standing_label(trial), second_rating(trial)) if each is not None]
    own = [each for each in standing if each.author_id == author.id]
    return max(own, key=lambda each: each.id, default=None)


def _says_nothing_new(form: LabelForm, current: LabelEvent | None, details: Details) -> bool:
    """Whether the judgement stands already, by whomever it was given."""
    if current is None or current.outcome != form.outcome or form.rating == "settled":
        return False
    return details == details_of(current) and form.note in (None, current.note)


def _rating(form: LabelForm, current: LabelEvent | None) -> str:
    """A label that settled a dispute stays one when more is said of it, or when it is corrected."""
    settled = form.rating == "first" and current is not None and current.rating == "settled"
    return "settled" if settled else form.rating


def _check_rating(trial: Trial, author: User, form: LabelForm) -> None:
    """Refuse a second rating or a settlement that is not owed, or not by this person."""
    if form.rating == "first":
        return
    own = second_rating(trial)
    if form.rating == "second" and own is not None and own.author_id == author.id:
        return  # says more of it, or changes it
    if owed_by(trial, author) == form.rating:
        return
    if form.rating == "second":
        raise Conflict(
            f"{trial.region.name} waits for no second judgement of yours: it has one, or the first is yours."
        )
    if not is_disputed(trial):
        raise Conflict(f"Nobody disagrees about {trial.region.name} any more. Reload the page.")
    raise Conflict(
        f"You are one of the two who disagree about {trial.region.name}: a third person or a researcher "
        "settles it."
    )


def _check_reason(
    trials: TrialRepository, trial: Trial, author: User, form: LabelForm, current: LabelEvent | None
) -> None:
    """Refuse to replace what somebody else has said, or what a gate was set from, without a reason."""
    if current is None or form.rating == "settled" or (form.note or "").strip():
        return
    if current.author_id != author.id:
        raise Invalid(
            f"{current.author.name} has judged {trial.region.name} {current.outcome}: say why you correct "
            "it.",
            field="note",
        )
    iteration = trial.iteration
    changes = current.outcome != form.outcome and iteration.experiment.refines
    if changes and trials.gate_of(trial) is not None:
        raise Invalid(
            f"The gate of {trial.region.name} in iteration {iteration.number} was set from this label: "
            "say why you correct it.",
            field="note",
        )


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
    outdated = gate is not None and gate.label_hash != label_hash(
        session, trial.iteration_id, trial.region_id
    )
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
        failure_mode=event.failure_mode,
        score=event.score,
        gate_outdated=outdated,
        notice=notice,
    )
