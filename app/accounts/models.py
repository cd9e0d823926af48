from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.platform.model import CreatedAt, Digest, Id, Model, Word, one_of

ROLES = ("viewer", "operator", "researcher", "admin", "simulated")


class User(Model):
    """Somebody who acts. A `simulated` one labels by the physics and is named so wherever it appears.

    `imported_from` names the experiment with which the author of its labels came from another server: nobody
    signs in as such a user.
    """

    __tablename__ = "users"
    __table_args__ = (CheckConstraint(one_of("role", ROLES), name="role"),)

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(80), unique=True)
    role: Mapped[Word]
    created_at: Mapped[CreatedAt]
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
