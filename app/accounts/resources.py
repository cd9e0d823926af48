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
