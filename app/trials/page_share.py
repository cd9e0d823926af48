"""What an open label page gets of a queue: trials that are reserved for it. The caller commits."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, NamedTuple

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.trials.models import Trial
from app.trials.reservations import take
from app.trials.trial_queue import TrialQueue

AHEAD: Final = 6
"""Trials that a page holds: the one on the screen, and those whose videos load meanwhile."""


@dataclass(frozen=True)
class Holder:
    """A label page: who sits before it, and its name among the open ones."""

    user: User
    page: str

    @property
    def may_label(self) -> bool:
        return self.user.role != "viewer"


class Share(NamedTuple):
    """What a page gets of a queue: those of its trials that it may keep, and further ones."""

    kept: list[int]
    further: list[Trial]


def share_of(
    session: Session, queue: TrialQueue, holder: Holder, holding: Collection[int] = (), first: int = 0
) -> Share:
    """Reserve for a page what it holds, and further trials until it has enough.

    Args:
        session: of a transaction that is committed
        queue: that the page is about
        holder: whose page it is
        holding: trials that the page has already, or whose labels are on their way
        first: a trial that shall come first, whether the page is full or not; 0 for none
    """
    kept = sorted(_taken(session, holder, queue.still_waiting(holding)))
    further = _further(session, queue, holder, max(0, AHEAD - len(holding)), {*holding, first})
    if first and first not in holding and _taken(session, holder, queue.still_waiting([first])):
        further = [*queue.whole([first]), *further]
    return Share(kept, further)


def _further(
    session: Session, queue: TrialQueue, holder: Holder, count: int, without: Collection[int]
) -> list[Trial]:
    """Trials that are now reserved for the page; fewer where somebody else was quicker."""
    if not count:
        return []
    found = queue.waiting(count, without)
    taken = _taken(session, holder, [each.id for each in found])
    return [each for each in found if each.id in taken]


def _taken(session: Session, holder: Holder, trial_ids: Collection[int]) -> Collection[int]:
    """Those of the trials that the page may show; a viewer's page holds none back from others."""
    if not holder.may_label:
        return trial_ids
    return take(session, trial_ids, holder.user.id, holder.page)
