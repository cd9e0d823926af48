"""Queries for users and for all by which they are known: links, sessions, tokens, passwords."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import CursorResult, Select, func, select, update
from sqlalchemy.orm import Session, joinedload

from app.accounts.models import ApiToken, BrowserSession, Password, ProviderIdentity, SignInToken, User


class AccountRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, row: User | SignInToken | BrowserSession | ApiToken | Password | ProviderIdentity) -> None:
        self._session.add(row)
        self._session.flush()

    def user(self, user_id: int) -> User | None:
        return self._session.get(User, user_id)

    def user_named(self, name: str) -> User | None:
        return self._session.scalar(select(User).where(User.name == name))

    def users(self) -> Sequence[User]:
        """Everybody, those who may still sign in first."""
        return self._session.scalars(
            select(User).order_by(User.deactivated_at.is_not(None), func.lower(User.name))
        ).all()

    def selected(self) -> Select[User]:
        """Everybody."""
        return select(User)

    def first_admin(self) -> User | None:
        """The admin who has been there longest."""
        return self._session.scalar(
            select(User).where(User.role == "admin", User.deactivated_at.is_(None)).order_by(User.id).limit(1)
        )

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

    def use_up_links(self, user_id: int, at: datetime) -> None:
        """Make all links of a user useless."""
        self._session.execute(
            update(SignInToken)
            .where(SignInToken.user_id == user_id, SignInToken.used_at.is_(None))
            .values(used_at=at)
        )

    def password(self, user_id: int) -> Password | None:
        return self._session.get(Password, user_id)

    def with_password(self) -> frozenset[int]:
        """Ids of the users who have a password."""
        return frozenset(self._session.scalars(select(Password.user_id)))

    def identity(self, issuer: str, subject: str) -> ProviderIdentity | None:
        return self._session.scalar(
            select(ProviderIdentity).where(
                ProviderIdentity.issuer == issuer, ProviderIdentity.subject == subject
            )
        )

    def is_linked(self, user_id: int, issuer: str) -> bool:
        """Whether a user signs in through that provider, too."""
        known = select(ProviderIdentity.id).where(
            ProviderIdentity.user_id == user_id, ProviderIdentity.issuer == issuer
        )
        return self._session.scalar(known.limit(1)) is not None

    def live_session(self, key_hash: str, at: datetime) -> BrowserSession | None:
        """A session that has neither ended nor expired, of a user who may sign in."""
        return self._session.scalar(
            select(BrowserSession)
            .join(BrowserSession.user)
            .where(
                BrowserSession.key_hash == key_hash,
                BrowserSession.ended_at.is_(None),
                BrowserSession.expires_at > at,
                User.deactivated_at.is_(None),
            )
            .options(joinedload(BrowserSession.user))
        )

    def sessions_of(self, user_id: int, at: datetime) -> Sequence[BrowserSession]:
        """The browsers in which a user is signed in, the last used first."""
        return self._session.scalars(
            select(BrowserSession)
            .where(
                BrowserSession.user_id == user_id,
                BrowserSession.ended_at.is_(None),
                BrowserSession.expires_at > at,
            )
            .order_by(BrowserSession.seen_at.desc(), BrowserSession.id.desc())
        ).all()

    def last_seen(self) -> dict[int, datetime]:
        """When each user was last seen in a browser."""
        rows = self._session.execute(
            select(BrowserSession.user_id, func.max(BrowserSession.seen_at)).group_by(BrowserSession.user_id)
        )
        return {user_id: at for user_id, at in rows}

    def end_sessions(self, user_id: int, at: datetime, but: int | None = None) -> None:
        """End the sessions of a user, all or all but one."""
        ended = update(BrowserSession).where(
            BrowserSession.user_id == user_id, BrowserSession.ended_at.is_(None)
        )
        if but is not None:
            ended = ended.where(BrowserSession.id != but)
        self._session.execute(ended.values(ended_at=at))

    def end_session(self, session_id: int, user_id: int, at: datetime) -> bool:
        """End one session; False where it is not that user's."""
        result = self._session.execute(
            update(BrowserSession)
            .where(BrowserSession.id == session_id, BrowserSession.user_id == user_id)
            .values(ended_at=at)
        )
        assert isinstance(result, CursorResult)
        return result.rowcount == 1

    def live_token(self, token_hash: str, at: datetime) -> ApiToken | None:
        """A token that is neither revoked nor expired, of a user who may sign in."""
        return self._session.scalar(
            select(ApiToken)
            .join(ApiToken.user)
            .where(
                ApiToken.token_hash == token_hash,
                ApiToken.revoked_at.is_(None),
                ApiToken.expires_at > at,
                User.deactivated_at.is_(None),
            )
            .options(joinedload(ApiToken.user))
        )

    def roles_of_sessions(self, session_ids: Collection[int], at: datetime) -> dict[int, str]:
        """Of those sessions that still let their users in: the users' roles."""
        rows = self._session.execute(
            select(BrowserSession.id, User.role)
            .join(BrowserSession.user)
            .where(
                BrowserSession.id.in_(session_ids),
                BrowserSession.ended_at.is_(None),
                BrowserSession.expires_at > at,
                User.deactivated_at.is_(None),
            )
        )
        return {session_id: role for session_id, role in rows}

    def scopes_of_tokens(self, token_ids: Collection[int], at: datetime) -> dict[int, tuple[str, str]]:
        """Of those tokens that still let their users in: the users' roles, and what the tokens are for."""
        rows = self._session.execute(
            select(ApiToken.id, User.role, ApiToken.scope)
            .join(ApiToken.user)
            .where(
                ApiToken.id.in_(token_ids),
                ApiToken.revoked_at.is_(None),
                ApiToken.expires_at > at,
                User.deactivated_at.is_(None),
            )
        )
        return {token_id: (role, scope) for token_id, role, scope in rows}

    def tokens_of(self, user_id: int) -> Sequence[ApiToken]:
        """The tokens of a user that were not revoked, the newest first."""
        return self._session.scalars(
            select(ApiToken)
            .where(ApiToken.user_id == user_id, ApiToken.revoked_at.is_(None))
            .order_by(ApiToken.id.desc())
        ).all()

    def note_seen(self, session_id: int | None, token_id: int | None, at: datetime) -> None:
        """Note that a session or a token is in use."""
        if session_id is not None:
            self._session.execute(
                update(BrowserSession).where(BrowserSession.id == session_id).values(seen_at=at)
            )
        if token_id is not None:
            self._session.execute(update(ApiToken).where(ApiToken.id == token_id).values(used_at=at))
