"""The key that signs session cookies: made once, kept beside the data, readable by the owner only."""

import os
import secrets
from pathlib import Path

from app.platform.settings import Settings


def session_key(settings: Settings) -> str:
    """Return HNDP_SESSION_KEY, or the key in the data folder, making it when there is none."""
    if settings.session_key:
        return settings.session_key
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    file = settings.data_dir / "session.key"
    if not file.exists():
        _make(file)
    return file.read_text().strip()


def _make(file: Path) -> None:
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(secrets.token_urlsafe(48))
    try:
        os.link(draft, file)  # whoever links first wins; the other process reads the winner's key
    except FileExistsError:
        pass
    finally:
        draft.unlink()
