"""Where the address and the token of a studio come from, and who can read them."""

import json
from pathlib import Path

import pytest

from app.client.server_access import ServerAccess, access_file, forget_access, load_access, save_access
from app.platform.errors import StartUpError

KEPT = ServerAccess("https://studio.lab", "hndp_kept")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    for name in ("HNDP_SERVER", "HNDP_TOKEN"):
        monkeypatch.delenv(name, raising=False)


def test_a_login_is_kept_for_its_owner_alone_until_it_is_forgotten() -> None:
    file = save_access(ServerAccess("https://studio.lab/", "hndp_kept"))
    assert file.stat().st_mode & 0o777 == 0o600
    assert load_access() == KEPT
    forget_access()
    with pytest.raises(StartUpError, match="hndp remote login"):
        load_access()


def test_the_environment_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    save_access(KEPT)
    monkeypatch.setenv("HNDP_TOKEN", "hndp_other")
    assert load_access() == ServerAccess("https://studio.lab", "hndp_other")


def test_a_kept_token_is_shown_to_no_other_studio(monkeypatch: pytest.MonkeyPatch) -> None:
    save_access(KEPT)
    monkeypatch.setenv("HNDP_SERVER", "https://elsewhere.lab")
    with pytest.raises(StartUpError, match="HNDP_TOKEN"):
        load_access()


def test_a_file_that_others_can_read_or_that_is_damaged_is_not_used() -> None:
    file = save_access(KEPT)
    file.chmod(0o644)
    with pytest.raises(StartUpError, match="chmod 600"):
        load_access()
    file.chmod(0o600)
    file.write_text(json.dumps(["not", "a", "login"]))
    with pytest.raises(StartUpError, match="login"):
        load_access()
    assert access_file() == file


@pytest.mark.parametrize("server", ["studio.lab", "ftp://studio.lab", "https://"])
def test_an_address_that_is_none_is_refused(server: str) -> None:
    with pytest.raises(StartUpError, match="https://studio"):
        ServerAccess(server, "hndp_kept")


@pytest.mark.parametrize(
    ("server", "readable"),
    [("http://studio.lab", True), ("https://studio.lab", False), ("http://127.0.0.1:8000", False)],
)
def test_a_token_on_an_open_line_is_noticed(server: str, readable: bool) -> None:
    assert ServerAccess(server, "hndp_kept").is_readable is readable
