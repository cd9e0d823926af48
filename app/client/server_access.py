"""Which studio the commands talk to, and the token that they show: of the environment, or of a login."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

from app.platform.errors import StartUpError

SERVER_VARIABLE = "HNDP_SERVER"
TOKEN_VARIABLE = "HNDP_TOKEN"
_LOCAL = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class ServerAccess:
    """Address of a studio, and a token of its account page.

    Raises:
        StartUpError: the address is none.
    """

    server: str
    token: str

    def __post_init__(self) -> None:
        parts = urlsplit(self.server)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise StartUpError(
                f"{self.server!r} is no address of a studio: give one such as https://studio.lab:8000."
            )
        object.__setattr__(self, "server", self.server.rstrip("/"))

    @property
    def is_readable(self) -> bool:
        """Whether others on the network can read the token on its way."""
        parts = urlsplit(self.server)
        return parts.scheme == "http" and parts.hostname not in _LOCAL


def access_file() -> Path:
    """Where a login is kept."""
    folder = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(folder) / "hndp" / "server.json"


def load_access() -> ServerAccess:
    """The studio and token of the environment, or else of the last login; the environment goes first, each.

    Raises:
        StartUpError: nothing says which studio, or as whom; or others may read the file of the login.
    """
    kept = _kept()
    server = os.environ.get(SERVER_VARIABLE) or kept.get("server")
    token = os.environ.get(TOKEN_VARIABLE)
    if not token and server == kept.get("server"):
        token = kept.get("token")  # a token is shown to the studio that it is of, and to no other
    if not server or not token:
        raise StartUpError(
            "No studio is known here: type `hndp remote login https://...`, or set "
            f"{SERVER_VARIABLE} and {TOKEN_VARIABLE}."
        )
    return ServerAccess(server, token)


def save_access(access: ServerAccess) -> Path:
    """Keep a login where only its owner can read it; return the file."""
    file = access_file()
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = file.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as written:
        json.dump(asdict(access), written)
    fresh.replace(file)
    return file


def forget_access() -> None:
    """Remove the kept login; the token itself is revoked on the account page."""
    access_file().unlink(missing_ok=True)


def _kept() -> dict[str, str]:
    file = access_file()
    if not file.is_file():
        return {}
    if file.stat().st_mode & 0o077:
        raise StartUpError(f"Others can read {file}, which holds a token: type `chmod 600 {file}`.")
    try:
        kept = json.loads(file.read_text())
    except ValueError:
        kept = None
    if not isinstance(kept, dict):
        raise StartUpError(f"{file} is damaged: type `hndp remote login` again.")
    return kept
