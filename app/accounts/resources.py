"""Users as programs get them."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.accounts.models import User

Role = Literal["viewer", "operator", "researcher", "admin"]


class UserResource(BaseModel):
    """Somebody who acts; a `simulated` one labels by the physics. Who has left is not `active`."""

    id: int
    name: str
    role: str
    active: bool
    created_at: datetime

    @classmethod
    def of(cls, row: User) -> "UserResource":
        told = {name: getattr(row, name) for name in ("id", "name", "role", "created_at")}
        return cls(**told, active=row.deactivated_at is None)


class ListedUser(UserResource):
    """Somebody as admins see them in the list: when they were last seen in a browser, and whether they have a
    password.
    """

    last_seen_at: datetime | None
    has_password: bool

    @classmethod
    def seen(cls, row: User, at: datetime | None, has_password: bool) -> "ListedUser":
        told = UserResource.of(row).model_dump()
        return cls(**told, last_seen_at=at, has_password=has_password)


class AskerResource(BaseModel):
    """Who asks, and what they may do: with a token at most what its scope says."""

    user: UserResource
    may: list[str]
    by_token: bool


class Invitation(BaseModel):
    """A new user."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=80)]
    role: Role


class RoleChange(BaseModel):
    """Another role for somebody."""

    model_config = ConfigDict(extra="forbid")

    role: Role


class InvitedUser(BaseModel):
    """A user with the address, on this server, that signs them in once; it is told this one time."""

    user: UserResource
    sign_in_path: str

    @classmethod
    def of(cls, user: User, token: str) -> "InvitedUser":
        return cls(user=UserResource.of(user), sign_in_path=f"/sign-in?token={token}")
