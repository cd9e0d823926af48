"""A studio in this process, and a terminal at which Ada works on it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner, Result

from app.accounts.own_account import make_token
from app.accounts.service import ensure_user
from app.cli import app
from app.client import connection
from app.client.studio_client import StudioClient
from app.client.terminal import terminal
from app.platform.database import Database
from app.platform.settings import Settings

from ..seeded_experiment import seed_experiment

Hndp = Callable[..., Result]


@pytest.fixture
def experiment(database: Database, settings: Settings) -> int:
    """An experiment whose gate trials of its last iteration wait for labels."""
    with database.transaction() as session:
        maker = ensure_user(session, "Ada", "researcher")
        return seed_experiment(
            session, settings.artefacts, maker, iterations_done=1, waiting_labels=2, train=3, held_out=1
        ).id


@pytest.fixture
def token(database: Database) -> str:
    with database.transaction() as session:
        return make_token(session, ensure_user(session, "Ada", "researcher"), "script", "researcher", 1)


@pytest.fixture
def hndp(web_app, token: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Hndp:
    """hndp(...) runs `hndp remote ...` as Ada; `input` is what she types."""
    headers = {"authorization": f"Bearer {token}"}
    monkeypatch.setattr(connection, "connect", lambda: StudioClient(TestClient(web_app, headers=headers)))
    monkeypatch.setattr(terminal, "width", 200)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return lambda *told, **typed: CliRunner().invoke(app, ["remote", *map(str, told)], **typed)
