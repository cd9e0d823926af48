"""What all resources have in common: refusals, pages, entity tags, keys of creation, who may ask."""

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from app.accounts.permissions import NEEDS, OWNER
from app.platform.problem import API_PREFIX
from app.platform.uploads import MOST_TEXT_BYTES

from .conftest import Program

Programs = Callable[[str], Program]
PLAN = {"name": "From a program", "cell": "simulated", "regions": 4, "held_out": 2}


def test_a_refusal_says_what_is_wrong_where_and_what_to_do(program: Programs) -> None:
    refused = program("viewer").ask("GET", "/experiments", params={"limit": 201})
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json() == {
        "type": "about:blank",
        "title": "Unprocessable Entity",
        "status": 422,
        "detail": "limit: Input should be less than or equal to 200",
        "errors": [{"field": "limit", "detail": "Input should be less than or equal to 200"}],
    }
    missing = program("viewer").ask("GET", "/experiments/7").json()
    assert (missing["status"], missing["errors"]) == (404, [])
    assert "There is no experiment 7" in missing["detail"]


def test_nobody_is_told_how_to_be_somebody(anonymous: TestClient) -> None:
    refused = anonymous.get("/api/v1/users/me")
    assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
    assert refused.headers["content-type"] == "application/problem+json"


def test_a_token_does_what_its_scope_says(program: Programs) -> None:
    assert program("viewer").get("/users/me")["may"] == ["viewer"]
    refused = program("viewer").post("/experiments", PLAN)
    assert (refused.status_code, refused.json()["title"]) == (403, "Forbidden")


def test_a_browser_that_is_signed_in_may_ask_from_its_own_pages_only(client: TestClient) -> None:
    assert client.get("/api/v1/users/me").json()["by_token"] is False
    from_elsewhere = {"sec-fetch-site": "cross-site"}
    refused = client.post("/api/v1/experiments", json=PLAN, headers=from_elsewhere)
    assert refused.status_code == 403
    assert client.get("/api/v1/experiments").json()["items"] == []


def test_what_is_too_large_is_refused_before_it_is_read(anonymous: TestClient) -> None:
    sent = anonymous.post("/api/v1/experiments", content=b" " * (MOST_TEXT_BYTES + 1))
    assert (sent.status_code, sent.headers["content-type"]) == (413, "application/problem+json")


def test_pages_hold_every_row_once_in_order(program: Programs, waiting: int) -> None:
    viewer = program("viewer")
    everything = viewer.get("/trials", experiment=waiting, limit=200)
    assert everything["next"] is None
    path, ids = f"/api/v1/trials?experiment={waiting}&limit=7", []
    while path is not None:
        answer = viewer.client.get(path)
        ids += [each["id"] for each in answer.json()["items"]]
        path = answer.json()["next"]
        assert answer.headers.get("link") == (path and f'<{path}>; rel="next"')
    assert ids == [each["id"] for each in everything["items"]]
    assert ids == sorted(ids, reverse=True)
    assert len(ids) > 14


def test_what_is_known_already_is_not_sent_again(program: Programs, draft: int) -> None:
    researcher = program("researcher")
    tag = researcher.ask("GET", f"/experiments/{draft}").headers["etag"]
    known = {"if-none-match": f'W/{tag}, "other"'}
    again = researcher.ask("GET", f"/experiments/{draft}", headers=known)
    assert (again.status_code, again.content) == (304, b"")
    researcher.post(f"/experiments/{draft}/start")
    assert researcher.ask("GET", f"/experiments/{draft}", headers=known).status_code == 200


@pytest.mark.parametrize("tag", ['"another"', ""])
def test_a_change_that_was_decided_on_from_an_older_state_is_refused(
    program: Programs, draft: int, tag: str
) -> None:
    researcher = program("researcher")
    refused = researcher.post(f"/experiments/{draft}/start", **{"if-match": tag})
    assert (refused.status_code, refused.json()["title"]) == (412, "Precondition Failed")
    assert researcher.get(f"/experiments/{draft}")["status"] == "draft"
    present = researcher.ask("GET", f"/experiments/{draft}").headers["etag"]
    assert researcher.post(f"/experiments/{draft}/start", **{"if-match": present}).status_code == 200


def test_a_thing_is_made_once_for_a_key(program: Programs) -> None:
    researcher, key = program("researcher"), {"idempotency-key": "0123456789"}
    made = researcher.post("/experiments", PLAN, **key)
    again = researcher.post("/experiments", PLAN, **key)
    assert (made.status_code, again.status_code) == (201, 201)
    assert again.json() == made.json()
    other = researcher.post("/experiments", {**PLAN, "name": "Another"}, **key)
    assert (other.status_code, other.json()["errors"][0]["field"]) == (422, "Idempotency-Key")
    assert len(researcher.get("/experiments")["items"]) == 1
    theirs = program("admin").post("/experiments", {**PLAN, "name": "Theirs"}, **key)
    assert theirs.status_code == 201, "a key is its owner's own"


def test_a_key_of_a_refused_request_may_be_used_again(program: Programs) -> None:
    researcher, key = program("researcher"), {"idempotency-key": "0123456789"}
    refused = researcher.post("/experiments", {**PLAN, "cell": "none"}, **key)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "cell")
    assert researcher.post("/experiments", PLAN, **key).status_code == 201


def test_the_description_names_every_route_with_its_need(program: Programs) -> None:
    told = program("viewer").get("/openapi.json")
    described = {
        f"{method.upper()} {path}": operation["x-needs"]
        for path, operations in told["paths"].items()
        for method, operation in operations.items()
    }
    of_api = {route: need for route, need in NEEDS.items() if f" {API_PREFIX}/" in route}
    of_api.pop(f"GET {API_PREFIX}/openapi.json")
    assert described == of_api
    assert OWNER not in described.values()


def test_the_description_is_a_page_too(client: TestClient) -> None:
    page = client.get("/api").text
    assert "POST /trials/{trial_id}/labels" in page
    assert "/api/v1/openapi.json" in page
    assert "<code>If-Match</code> is the tag of the user." in page
