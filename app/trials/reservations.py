"""Trials on somebody's screen are given to nobody else. The caller commits."""

from collections.abc import Collection
from datetime import timedelta
from typing import Final

from sqlalchemy import ColumnElement, delete, exists, func, or_, select
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from app.platform.model import now
from app.trials.models import Reservation, Trial

LAPSES_AFTER: Final = timedelta(seconds=60)
"""Without being renewed; an open page renews three times as often."""


def take(session: Session, trial_ids: Collection[int], user_id: int, page: str) -> set[int]:
    """Reserve trials for a page, or renew that; return those that nobody else has.

    Two who ask at the same moment never both get one: the row's key decides; the later one finds it taken.
    """
    if not trial_ids:
        return set()
    insert = postgres_insert if session.get_bind().dialect.name == "postgresql" else sqlite_insert
    present = now()
    rows = [
        {"trial_id": each, "user_id": user_id, "page": page, "expires_at": present + LAPSES_AFTER}
        for each in sorted(trial_ids)  # in one order, so that two who ask never wait for each other
    ]
    asked = insert(Reservation).values(rows)
    taken = asked.on_conflict_do_update(
        index_elements=[Reservation.trial_id],
        set_={
            "user_id": asked.excluded.user_id,
            "page": asked.excluded.page,
            "expires_at": asked.excluded.expires_at,
        },
        where=or_(Reservation.user_id == user_id, Reservation.expires_at <= present),
    )
    return set(session.scalars(taken.returning(Reservation.trial_id)))


def free(session: Session, trial_ids: Collection[int]) -> None:
    """Give trials back, whoever had them."""
    session.execute(delete(Reservation).where(Reservation.trial_id.in_(trial_ids)))


def free_page(session: Session, user_id: int, page: str) -> None:
    """Give back what a page that was closed has held."""
    session.execute(delete(Reservation).where(Reservation.page == page, Reservation.user_id == user_id))


def is_free_for(user_id: int) -> ColumnElement[bool]:
    """Condition on trials: nobody else has it on the screen."""
    return ~exists().where(
        Reservation.trial_id == Trial.id, Reservation.user_id != user_id, Reservation.expires_at > now()
    )


def held_by_others(session: Session, user_id: int, *of: ColumnElement[bool]) -> int:
    """Number of trials that are on the screens of others, of those that fit the conditions."""
    others = Reservation.user_id != user_id, Reservation.expires_at > now()
    held = select(func.count()).select_from(Reservation).join(Trial, Reservation.trial_id == Trial.id)
    return session.scalars(held.where(*others, *of)).one()
