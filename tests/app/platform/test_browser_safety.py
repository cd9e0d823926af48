import pytest
from fastapi.testclient import TestClient


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site", "origin": "http://testserver"},
    ],
)
def test_another_site_changes_nothing(client: TestClient, headers: dict[str, str]) -> None:
    answer = client.post("/sign-out", headers=headers)
    assert answer.status_code == 403
    assert "another site" in answer.text
    assert "hndp_session" in client.cookies


@pytest.mark.parametrize(
    "headers", [{"origin": "http://testserver"}, {"sec-fetch-site": "same-origin"}, {}], ids=str
)
def test_own_pages_and_programs_may(client: TestClient, headers: dict[str, str]) -> None:
    assert client.post("/sign-out", headers=headers).status_code == 303


def test_every_answer_forbids_foreign_scripts_and_frames(anonymous: TestClient) -> None:
    for path in ("/sign-in", "/no/such/page", "/health"):
        policy = anonymous.get(path).headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "script-src" not in policy, "scripts follow default-src: none inline, none from elsewhere"
        assert "frame-ancestors 'none'" in policy
