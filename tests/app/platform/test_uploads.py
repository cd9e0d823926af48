from collections.abc import Iterator

import pytest
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient

from app.platform.error_pages import install_error_pages
from app.platform.pages import Pages
from app.platform.uploads import MOST_TEXT_BYTES, Uploads

BOUNDARY = {"content-type": "multipart/form-data; boundary=x"}


@pytest.fixture
def client() -> Iterator[TestClient]:
    """An app that says how many bytes it got; uploads may have 100."""
    app = FastAPI()
    app.state.pages = Pages()
    install_error_pages(app)
    app.add_middleware(Uploads, most_bytes=100)

    @app.post("/")
    async def size(request: Request) -> int:
        return len(await request.body())

    with TestClient(app) as client:
        yield client


@pytest.mark.parametrize("size", [0, 1, 100])
def test_what_fits_is_passed_on_whole(client: TestClient, size: int) -> None:
    assert client.post("/", content=bytes(size), headers=BOUNDARY).json() == size


def test_what_announces_too_much_is_refused(client: TestClient) -> None:
    answer = client.post("/", content=bytes(101), headers=BOUNDARY)
    assert answer.status_code == 413
    assert "nothing was kept of it" in answer.json()["error"]


def test_what_turns_out_too_large_is_refused(client: TestClient) -> None:
    answer = client.post("/", content=iter([bytes(60), bytes(60)]), headers=BOUNDARY)
    assert "content-length" not in answer.request.headers
    assert answer.status_code == 413


def test_what_holds_no_file_has_an_end_of_its_own(client: TestClient) -> None:
    assert client.post("/", content=bytes(1000)).json() == 1000
    assert client.post("/", content=bytes(MOST_TEXT_BYTES + 1)).status_code == 413
