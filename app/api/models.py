from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.platform.model import CreatedAt, Digest, Id, Model, Word


class Creation(Model):
    """Something that a program has made under a key of its own, so that asking again makes nothing twice.

    `resource_id` is the number of what was made among those of its `kind`; `fingerprint` the SHA-256 of what
    was asked for.
    """

    __tablename__ = "api_creations"
    __table_args__ = (UniqueConstraint("user_id", "key"),)

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    key: Mapped[str] = mapped_column(String(64))
    kind: Mapped[Word]
    fingerprint: Mapped[Digest]
    resource_id: Mapped[int]
    created_at: Mapped[CreatedAt]
