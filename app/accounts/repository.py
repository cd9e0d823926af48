"""Queries for users and their sign-in tokens."""

from datetime import datetime

from sqlalchemy import CursorResult, select, update
from sqlalchemy.orm import Session

from app.accounts.models import SignInToken, User


class AccountRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def user(self, user_id: int) -> User | None:
        return self._session.get(User, user_id)

    def user_named(self, name: str) -> User | None:
        return self._session.scalar(select(User).where(User.name == name))

    def add(self, row: User | SignInToken) -> None:
        self._session.add(row)
        self._session.flush()

    def token(self, token_hash: str) -> SignInToken | None:
        return self._session.scalar(select(SignInToken).where(SignInToken.token_hash == token_hash))

    def use_token(self, token_hash: str, at: datetime) -> bool:
        """Mark a token as used, in one statement: of two who open a link at once, one gets in."""
        result = self._session.execute(
            update(SignInToken)
            .where(
                SignInToken.token_hash == token_hash,
                SignInToken.used_at.is_(None),
                SignInToken.expires_at > at,
            )
            .values(used_at=at)
        )
        assert isinstance(result, CursorResult)
        return result.rowcount == 1
