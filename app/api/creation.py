"""Something is made once, however often a program asks: by a key that it sends along (Idempotency-Key)."""

from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from typing import Annotated, Final

from fastapi import Depends, Header
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.accounts.current_user import CurrentUser
from app.accounts.models import User
from app.api.models import Creation
from app.platform.errors import Invalid
from app.platform.model import now
from app.platform.requests import SessionDep

KEPT_FOR: Final = timedelta(days=7)
_HEADER: Final = "Idempotency-Key"

CreationKey = Annotated[
    str | None,
    Header(
        alias=_HEADER,
        pattern=r"^[A-Za-z0-9_-]{8,64}$",
        description=f"Made anew for each thing to be made; within {KEPT_FOR.days} days the same request "
        "with the same key answers with what it made the first time.",
    ),
]


class Maker:
    """Makes resources for one request. The caller commits: key and resource are kept together, or neither."""

    def __init__(self, session: Session, user: User, key: str | None) -> None:
        self._session = session
        self._user = user
        self._key = key

    def once(self, kind: str, asked: bytes, make: Callable[[], int]) -> int:
        """Return the number of what `make` makes, or of what the same request has made before.

        Args:
            kind: of resource, such as "experiments"
            asked: what the request says, to tell it from another one
            make: makes the resource and returns its number

        Raises:
            Invalid: the key belongs to another request.
        """
        before = self.before(kind, asked)
        if before is not None:
            return before
        made = make()
        if self._key is not None:
            self._session.execute(delete(Creation).where(Creation.created_at < now() - KEPT_FOR))
            self._session.add(
                Creation(
                    user_id=self._user.id,
                    key=self._key,
                    kind=kind,
                    fingerprint=_fingerprint(asked),
                    resource_id=made,
                )
            )
            self._session.flush()
        return made

    def before(self, kind: str, asked: bytes) -> int | None:
        """The number of what the same request has made before; None where it has not.

        Raises:
            Invalid: the key belongs to another request.
        """
        if self._key is None:
            return None
        found = self._session.scalar(
            select(Creation).where(Creation.user_id == self._user.id, Creation.key == self._key)
        )
        if found is None:
            return None
        if (found.kind, found.fingerprint) != (kind, _fingerprint(asked)):
            raise Invalid(
                f"This {_HEADER} was used for another request: make a new one for each thing to be made.",
                field=_HEADER,
            )
        return found.resource_id


def maker(session: SessionDep, user: CurrentUser, key: CreationKey = None) -> Maker:
    return Maker(session, user, key)


def _fingerprint(asked: bytes) -> str:
    return sha256(asked).hexdigest()


MakerDep = Annotated[Maker, Depends(maker)]
