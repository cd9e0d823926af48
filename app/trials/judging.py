"""Judgements of trials: what holds whomever a trial was run for. Labels are events that are only ever added.

Each act takes the key of the request that asked for it: the same request sent twice is stored once, and
answered alike. The caller commits.
"""

from abc import ABC, abstractmethod

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.audit.service import audit
from app.platform.errors import Conflict, Invalid
from app.trials.judgement import is_disputed, owed_by, second_rating, standing_label
from app.trials.label_details import Details, details_of, said_in
from app.trials.models import LabelEvent, Trial
from app.trials.repository import TrialRepository
from app.trials.reservations import free
from app.trials.schemas import JudgementForm, LabelAnswer, WithdrawalForm
from hndp_core.tasks import Rubric


class Judging(ABC):
    """Takes judgements of trials; what their owner has a say in, a concrete kind adds."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._trials = TrialRepository(session)

    def label(self, author: User, trial_id: int, form: JudgementForm) -> LabelAnswer:
        """Judge a trial, say more of one's judgement, or correct a label.

        Raises:
            NotFound: no such trial.
            Conflict: the trial cannot be labelled (any more), or not as the page believed.
            Invalid: a correction without its reason, or more milestones than there are.
        """
        trial = self.locked(trial_id)
        repeated = self._repeated(author, form.request_key, trial_id, form.outcome)
        if repeated is not None:
            return self.answer(trial, repeated)
        self.check_open(trial)
        _check_independence(trial, author, form)
        current = second_rating(trial) if form.rating == "second" else standing_label(trial)
        details = said_in(self.rubric(trial), form, current)
        if _says_nothing_new(form, current, details):
            assert current is not None
            return self.answer(trial, current)
        if form.instead_of is not None and form.instead_of != (current.id if current else 0):
            raise Conflict(_changed_meanwhile(trial, current))
        _check_rating(trial, author, form)
        self._check_reason(trial, author, form, current)
        event = LabelEvent(
            trial_id=trial.id,
            author=author,
            outcome=form.outcome,
            rating=_rating(form, current),
            note=form.note,
            request_key=form.request_key,
            **details._asdict(),
        )
        self._add(trial, event)
        free(self._session, [trial.id])
        return self.answer(trial, event)

    def take_back(self, author: User, form: WithdrawalForm) -> LabelAnswer:
        """Withdraw a judgement of the author: that of the given trial, or the last one.

        Raises:
            NotFound: no such trial.
            Conflict: the author has no label there, or it cannot be taken back (any more).
        """
        repeated = self._repeated(author, form.request_key, form.trial_id, "withdrawn")
        if repeated is not None:
            return self.answer(self.get(repeated.trial_id), repeated)
        trial = self.locked(form.trial_id or self._last_own_trial(author))
        current = _own_judgement(trial, author)
        if current is None:
            raise Conflict(_not_yours(trial, standing_label(trial)))
        self.check_open(trial)
        self.check_withdrawal(trial)
        event = LabelEvent(
            trial_id=trial.id,
            author=author,
            outcome="withdrawn",
            rating="second" if current.rating == "second" else "first",
            request_key=form.request_key,
        )
        self._add(trial, event)
        return self.answer(trial, event)

    @abstractmethod
    def get(self, trial_id: int) -> Trial:
        """A trial of the owner with its labels.

        Raises:
            NotFound: no such trial.
        """

    @abstractmethod
    def locked(self, trial_id: int) -> Trial:
        """The same; nobody else labels it until the transaction ends."""

    @abstractmethod
    def last_own(self, author: User) -> LabelEvent | None:
        """The author's newest judgement that stands."""

    @abstractmethod
    def rubric(self, trial: Trial) -> Rubric:
        """What may be said of the trial."""

    @abstractmethod
    def check_open(self, trial: Trial) -> None:
        """Refuse a label for a trial that nobody judges (any more).

        Raises:
            Conflict: why not.
        """

    @abstractmethod
    def tell(self, trial: Trial, event: LabelEvent) -> None:
        """Wake the job that waits for labels of the owner."""

    def check_withdrawal(self, trial: Trial) -> None:  # noqa: B027  a kind may have nothing against it
        """Refuse to take a label back that may still be corrected.

        Raises:
            Conflict: why not.
        """

    def depends_on(self, trial: Trial) -> str | None:
        """What was made of the trial's label, so that another outcome needs a reason: a sentence."""
        return None

    def answer(self, trial: Trial, event: LabelEvent) -> LabelAnswer:
        """What its page is told of a label."""
        return LabelAnswer(
            trial_id=trial.id,
            event_id=event.id,
            outcome=event.outcome,
            author=event.author.name,
            failure_mode=event.failure_mode,
            score=event.score,
            gate_outdated=False,
            notice=None,
        )

    def _add(self, trial: Trial, event: LabelEvent) -> None:
        self._trials.add_label(event)
        told = f"trial {event.trial_id}: {event.outcome} (label event {event.id})"
        audit(self._session, event.author, "labelled", told)
        self.tell(trial, event)

    def _repeated(
        self, author: User, request_key: str, trial_id: int | None, outcome: str
    ) -> LabelEvent | None:
        """The event that this very request has stored before.

        Raises:
            Conflict: the key belongs to another request.
        """
        stored = self._trials.label_of_request(request_key)
        if stored is None:
            return None
        if (
            stored.author_id != author.id
            or stored.outcome != outcome
            or stored.trial_id != (trial_id or stored.trial_id)
        ):
            raise Conflict("This request key was used for another label: reload the page and judge again.")
        return stored

    def _last_own_trial(self, author: User) -> int:
        last = self.last_own(author)
        if last is None:
            raise Conflict("You have given no label here that could be taken back.")
        return last.trial_id

    def _check_reason(
        self, trial: Trial, author: User, form: JudgementForm, current: LabelEvent | None
    ) -> None:
        """Refuse to replace what somebody else has said, or what something was made of, without a reason."""
        if current is None or form.rating == "settled" or (form.note or "").strip():
            return
        if current.author_id != author.id:
            raise Invalid(
                f"{current.author.name} has judged {trial.region.name} {current.outcome}: say why you "
                "correct it.",
                field="note",
            )
        depends = self.depends_on(trial) if current.outcome != form.outcome else None
        if depends is not None:
            raise Invalid(f"{depends}: say why you correct it.", field="note")


def _own_judgement(trial: Trial, author: User) -> LabelEvent | None:
    """The author's label or second rating, the later one, if it stands."""
    standing = [each for each in (standing_label(trial), second_rating(trial)) if each is not None]
    own = [each for each in standing if each.author_id == author.id]
    return max(own, key=lambda each: each.id, default=None)


def _says_nothing_new(form: JudgementForm, current: LabelEvent | None, details: Details) -> bool:
    """Whether the judgement stands already, by whomever it was given."""
    if current is None or current.outcome != form.outcome or form.rating == "settled":
        return False
    return details == details_of(current) and form.note in (None, current.note)


def _rating(form: JudgementForm, current: LabelEvent | None) -> str:
    """A label that settled a dispute stays one when more is said of it, or when it is corrected."""
    settled = form.rating == "first" and current is not None and current.rating == "settled"
    return "settled" if settled else form.rating


def _check_independence(trial: Trial, author: User, form: JudgementForm) -> None:
    """Refuse to change a label by who owes an independent one: the refusals that follow tell what it says."""
    if form.rating == "first" and owed_by(trial, author) == "second":
        raise Conflict(
            f"Somebody else has judged {trial.region.name}, and it waits for a second judgement of your own, "
            "without what they said: it comes to you in the queue."
        )


def _check_rating(trial: Trial, author: User, form: JudgementForm) -> None:
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
