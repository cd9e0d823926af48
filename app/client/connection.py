"""The studio that a command talks to. It is imported when a command runs: others start without HTTP."""

from typing import TYPE_CHECKING

from app.client.server_access import ServerAccess, load_access

if TYPE_CHECKING:
    from app.client.studio_client import StudioClient


def connect() -> "StudioClient":
    """The studio that the environment or the last login names."""
    return studio_at(load_access())


def studio_at(access: ServerAccess) -> "StudioClient":
    from app.client.studio_client import StudioClient

    return StudioClient.of(access)
