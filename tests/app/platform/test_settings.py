import os
import stat
from pathlib import Path

import pytest

from app.platform.errors import StartUpError
from app.platform.session_key import session_key
from app.platform.settings import Settings, load_settings


def test_settings_come_from_the_environment_and_a_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HNDP_PORT", "8123")
    Path(".env").write_text("HNDP_PORT=9\nHNDP_DATA_DIR=here\nUNRELATED=1\n")
    settings = load_settings()
    assert (settings.port, settings.data_dir) == (8123, tmp_path / "here")
    assert settings.resolved_database_url == f"sqlite:///{tmp_path}/here/hndp.sqlite3"
    assert settings.url("/x") == "http://127.0.0.1:8123/x"


def test_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HNDP_PORT", "99999")
    with pytest.raises(StartUpError, match="HNDP_PORT: Input should be less than or equal to 65535"):
        load_settings()


def test_half_a_provider_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HNDP_OIDC_ISSUER", "https://login.example.org")
    with pytest.raises(StartUpError, match="HNDP_OIDC_ISSUER needs HNDP_OIDC_CLIENT_ID"):
        load_settings()


def test_session_key_is_made_once_for_the_owner_only(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data")
    key = session_key(settings)
    assert len(key) >= 40
    assert session_key(settings) == key
    assert stat.S_IMODE(os.stat(tmp_path / "data" / "session.key").st_mode) == 0o600
    assert session_key(Settings(data_dir=tmp_path, session_key="given")) == "given"
