"""What the label events of a trial amount to: the label that counts, a second rating, a dispute.

`app.trials.waiting` says the same to the database.
"""

from collections.abc import Iterable
from typing import Final, Literal

from app.accounts.models import User
from app.trials.models import LabelEvent, Trial

Rating = Literal["first", "second", "settled"]

SETTLING_ROLES: Final = ("researcher", "admin")
"""They may settle a dispute that they are a party to; others only one between two other people."""


def standing_label(trial: Trial) -> LabelEvent | None:
    """The label that counts: the last event that is no second rating, unless it withdrew the ones before."""
    return _standing(each for each in trial.labels if each.rating != "second")


def second_rating(trial: Trial) -> LabelEvent | None:
    """The second, independent judgement, if there is one."""
    return _standing(each for each in trial.labels if each.rating == "second")


def owes_second_rating(trial: Trial) -> bool:
    """Whether a second person is still to judge it. An invalid trial is run again, whoever else looks."""
    label = standing_label(trial)
    return (
        trial.second_rated
        and label is not None
        and label.outcome != "invalid"
        and second_rating(trial) is None
    )


def is_disputed(trial: Trial) -> bool:
    """Whether two people judge it differently, and nobody has settled it since."""
    label, second = standing_label(trial), second_rating(trial)
    if label is None or second is None or label.outcome in ("invalid", second.outcome):
        return False
    return not any(each.rating == "settled" and each.id > second.id for each in trial.labels)


def settled_outcome(trial: Trial) -> str | None:
    """The outcome on which people are agreed; None while anybody's judgement is owed."""
    label = standing_label(trial)
    if label is None or owes_second_rating(trial) or is_disputed(trial):
        return None
    return label.outcome


def owed_by(trial: Trial, user: User) -> Rating | None:
    """What kind of judgement the trial waits for that this user may give."""
    label, second = standing_label(trial), second_rating(trial)
    if label is None:
        return "first" if second is None or second.author_id != user.id else None
    if owes_second_rating(trial):
        return "second" if label.author_id != user.id else None
    if second is not None and is_disputed(trial):
        party = user.id in (label.author_id, second.author_id)
        return "settled" if not party or user.role in SETTLING_ROLES else None
    return None


def _standing(events: Iterable[LabelEvent]) -> LabelEvent | None:
    last = max(events, key=lambda each: each.id, default=None)
    return None if last is None or last.outcome == "withdrawn" else last
