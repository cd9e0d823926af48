from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.permissions import LADDER, SCOPES
from app.platform.model import CreatedAt, Digest, Id, Model, Word, one_of

ROLES = (*LADDER, "simulated")
WAYS = ("link", "password", "provider")


class User(Model):
    """Somebody who acts. A `simulated` one labels by the physics and is named so wherever it appears.

    Nobody is ever removed, because labels keep their author: who has left is deactivated.
    `imported_from` names the experiment with which the author of its labels came from another server: nobody
    signs in as such a user.
    """

    __tablename__ = "users"
    __table_args__ = (CheckConstraint(one_of("role", ROLES), name="role"),)

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(80), unique=True)
    role: Mapped[Word]
    created_at: Mapped[CreatedAt]
    deactivated_at: Mapped[datetime | None]
    imported_from: Mapped[str | None] = mapped_column(String(80))

    @property
    def is_simulated(self) -> bool:
        return self.role == "simulated"


class SignInToken(Model):
    """A one-time token; only its SHA-256 is kept."""

    __tablename__ = "sign_in_tokens"

    id: Mapped[Id]
    token_hash: Mapped[Digest] = mapped_column(unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    created_at: Mapped[CreatedAt]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    user: Mapped[User] = relationship()


class Password(Model):
    """The argon2 hash of a user's password; apart from the user, so that nothing loads it by the way."""

    __tablename__ = "passwords"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    hash: Mapped[str] = mapped_column(String(200))
    set_at: Mapped[datetime]


class BrowserSession(Model):
    """A browser in which somebody is signed in. Its cookie holds a random key, of which the hash is kept;
    ending the row signs the browser out with its next request.
    """

    __tablename__ = "browser_sessions"
    __table_args__ = (CheckConstraint(one_of("way", WAYS), name="way"),)

    id: Mapped[Id]
    key_hash: Mapped[Digest] = mapped_column(unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    way: Mapped[Word]
    address: Mapped[str] = mapped_column(String(64))
    browser: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[CreatedAt]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    user: Mapped[User] = relationship()


class ApiToken(Model):
    """What a program of a user shows instead of a cookie; only its SHA-256 is kept."""

    __tablename__ = "api_tokens"
    __table_args__ = (CheckConstraint(one_of("scope", SCOPES), name="scope"),)

    id: Mapped[Id]
    token_hash: Mapped[Digest] = mapped_column(unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    scope: Mapped[Word]
    created_at: Mapped[CreatedAt]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    user: Mapped[User] = relationship()


class ProviderIdentity(Model):
    """Whom an OpenID provider means by a subject."""

    __tablename__ = "provider_identities"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    issuer: Mapped[str] = mapped_column(String(200))
    subject: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[CreatedAt]

    user: Mapped[User] = relationship()
