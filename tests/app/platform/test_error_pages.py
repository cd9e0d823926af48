import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy.exc import IntegrityError

from app.platform.errors import Conflict, Invalid
from hndp_core.errors import StorageFull, UnknownName

pytestmark = pytest.mark.usefixtures("unguarded")


@pytest.fixture(autouse=True)
def failures(web_app: FastAPI) -> None:
    errors = {
        "conflict": Conflict("It <moved>: reload."),
        "field": Invalid("Choose 1, 3 or 5.", field="trials_per_region"),
        "unknown": UnknownName("task", "pour2", ["scooping"]),
        "full": StorageFull("trials/1"),
        "race": IntegrityError("INSERT", {}, Exception("UNIQUE")),
    }

    @web_app.get("/fail/{kind}")
    def fail(kind: str) -> None:
        raise errors[kind]

    @web_app.get("/number")
    def number(n: int) -> int:
        return n


@pytest.mark.parametrize(
    ("kind", "status_code", "message"),
    [
        ("conflict", 409, "reload."),
        ("field", 422, "Choose 1, 3 or 5."),
        ("unknown", 422, "scooping"),
        ("full", 507, "Free some space"),
        ("race", 409, "Nothing was saved"),
    ],
)
def test_each_error_has_its_status_and_remedy(
    anonymous: TestClient, kind: str, status_code: int, message: str
) -> None:
    page = anonymous.get(f"/fail/{kind}")
    fragment = anonymous.get(f"/fail/{kind}", headers={"HX-Request": "true"})
    program = anonymous.get(f"/fail/{kind}", headers={"accept": "application/json"})
    assert {page.status_code, fragment.status_code, program.status_code} == {status_code}
    assert "<html" in page.text
    assert "<html" not in fragment.text
    for answer in (page.text, fragment.text, program.json()["error"]):
        assert message in answer


def test_messages_are_escaped(anonymous: TestClient) -> None:
    assert "It &lt;moved&gt;" in anonymous.get("/fail/conflict").text


def test_error_names_the_field_at_fault(anonymous: TestClient) -> None:
    answer = anonymous.get("/fail/field", headers={"accept": "application/json"})
    assert answer.json()["field"] == "trials_per_region"
    fragment = anonymous.get("/fail/field", headers={"HX-Request": "true"})
    assert 'data-field="trials_per_region"' in fragment.text


def test_bad_input_is_told_by_field(anonymous: TestClient) -> None:
    answer = anonymous.get("/number", params={"n": "x"}, headers={"accept": "application/json"})
    assert answer.status_code == 422
    assert answer.json()["error"].startswith("n: Input should be a valid integer")


def test_page_that_does_not_exist(anonymous: TestClient) -> None:
    answer = anonymous.get("/no/such/page")
    assert answer.status_code == 404
    assert "/no/such/page" in answer.text


def test_surprise_is_told_without_its_inside(web_app: FastAPI) -> None:
    @web_app.get("/surprise")
    def surprise() -> None:
        raise RuntimeError("a secret")

    with TestClient(web_app, raise_server_exceptions=False) as client:
        answer = client.get("/surprise")
    assert answer.status_code == 500
    assert "secret" not in answer.text
