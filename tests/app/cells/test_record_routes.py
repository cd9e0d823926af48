from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.cells.record_routes import record_url
from app.platform.requests import get_settings
from app.platform.settings import Settings

FILM = bytes(range(256)) * 40
PLACE = "/artefacts/trials/7/video.mp4"


@pytest.fixture(params=["folder", "memory"])
def store(request: pytest.FixtureRequest, settings: Settings, web_app: FastAPI, tmp_path: Path) -> Settings:
    """Settings whose artefact store is a folder, or no folder at all; both hold one film."""
    url = str(tmp_path / "artefacts") if request.param == "folder" else f"memory://{tmp_path.name}"
    changed = settings.model_copy(update={"artefact_url": url})
    changed.artefacts.write("trials/7/video.mp4", FILM)
    changed.artefacts.write("trials/7/record.npz", b"PK")
    changed.artefacts.write("policies/1/1/global.safetensors", b"weights")
    web_app.dependency_overrides[get_settings] = lambda: changed
    return changed


def test_whole_file_with_its_type(store: Settings, client: TestClient) -> None:
    answer = client.get(PLACE)
    assert (answer.status_code, answer.content) == (200, FILM)
    assert answer.headers["content-type"] == "video/mp4"
    assert answer.headers["accept-ranges"] == "bytes"


@pytest.mark.parametrize(
    ("asked", "first", "end"),
    [("bytes=0-99", 0, 100), ("bytes=10000-", 10000, len(FILM)), ("bytes=-40", len(FILM) - 40, len(FILM))],
)
def test_range_of_a_file(store: Settings, client: TestClient, asked: str, first: int, end: int) -> None:
    answer = client.get(PLACE, headers={"range": asked})
    assert (answer.status_code, answer.content) == (206, FILM[first:end])
    assert answer.headers["content-range"] == f"bytes {first}-{end - 1}/{len(FILM)}"


def test_range_beyond_the_end(store: Settings, client: TestClient) -> None:
    answer = client.get(PLACE, headers={"range": f"bytes={len(FILM)}-"})
    assert answer.status_code == 416
    assert answer.headers["content-range"] == f"bytes */{len(FILM)}"


def test_only_an_address_with_a_hash_is_kept_for_ever(store: Settings, client: TestClient) -> None:
    url = record_url("trials/7", "ab" * 32, "video.mp4")
    assert url is not None
    assert client.get(url).headers["cache-control"] == "private, max-age=31536000, immutable"
    assert client.get(PLACE).headers["cache-control"] == "private, no-cache"


@pytest.mark.parametrize(
    "path",
    [
        "trials/7/record.npz",
        "policies/1/1/global.safetensors",
        "trials/7/last.jpg",
        "trials/8/video.mp4",
        "trials/..%2f..%2fhndp.sqlite3/video.mp4",
        "trials/7/..%2f..%2f..%2fsession.key",
        "trials/%2e%2e/%2e%2e",
        "..%2fhndp.sqlite3",
    ],
)
def test_nothing_else_has_an_address(store: Settings, client: TestClient, path: str) -> None:
    answer = client.get(f"/artefacts/{path}")
    assert answer.status_code in (404, 422)


def test_only_for_those_who_are_signed_in(store: Settings, anonymous: TestClient) -> None:
    assert anonymous.get(PLACE).status_code == 401


def test_record_without_files_has_no_address() -> None:
    assert record_url(None, None, "video.mp4") is None
