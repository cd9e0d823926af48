"""Sign in through an OpenID provider that these tests serve themselves."""

import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import uvicorn
from fastapi import FastAPI, Form
from fastapi.testclient import TestClient
from joserfc import jwt
from joserfc.jwk import RSAKey

from app.accounts.models import User
from app.accounts.service import ensure_user
from app.main import create_app
from app.platform.database import Database
from app.platform.settings import Settings

from ..audited import audited
from .facts import is_signed_in

CLIENT_ID, CLIENT_SECRET = "studio", "a secret of the studio"
START_S = 10.0


@dataclass
class FakeProvider:
    """A provider with one user; `wrong` replaces claims of its id tokens."""

    url: str
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "key"}, private=True))
    name: str = "Grace"
    nonce: str = ""
    wrong: dict[str, Any] = field(default_factory=dict)
    verifiers: list[str] = field(default_factory=list)

    def app(self) -> FastAPI:
        app = FastAPI()
        app.add_api_route("/.well-known/openid-configuration", self.configuration)
        app.add_api_route("/keys", lambda: {"keys": [self.key.as_dict(private=False)]})
        app.add_api_route("/token", self.token, methods=["POST"])
        return app

    def configuration(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "id_token_signing_alg_values_supported": ["RS256"],
        }

    def token(self, code: str = Form(), code_verifier: str = Form()) -> dict[str, Any]:
        self.verifiers.append(code_verifier)
        at = int(time.time())
        times = {"iat": at, "exp": at + 60}
        claims = {"iss": self.url, "aud": CLIENT_ID, "sub": "subject-1", "nonce": self.nonce, **times}
        signed = jwt.encode(
            {"alg": "RS256", "kid": "key"}, {**claims, "name": self.name, **self.wrong}, self.key
        )
        return {"access_token": "a", "token_type": "Bearer", "id_token": signed}

    def come_back(self, browser: TestClient) -> Any:
        """Go to the provider as a browser does, be let in there, and come back."""
        there = browser.get("/sign-in/provider")
        assert there.status_code == 302
        asked = parse_qs(urlsplit(there.headers["location"]).query)
        assert asked["code_challenge_method"] == ["S256"]
        self.nonce = asked["nonce"][0]
        back = {"code": "a code", "state": asked["state"][0]}
        return browser.get(urlsplit(asked["redirect_uri"][0]).path, params=back)


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeProvider]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    listener = socket.create_server(("127.0.0.1", 0))
    fake = FakeProvider(f"http://127.0.0.1:{listener.getsockname()[1]}")
    server = uvicorn.Server(uvicorn.Config(fake.app(), log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    deadline = time.monotonic() + START_S
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.01)
    yield fake
    server.should_exit = True
    thread.join(START_S)
    listener.close()


def browser_of(settings: Settings, provider: FakeProvider, new_role: str = "") -> TestClient:
    names = {"oidc_issuer": provider.url, "oidc_name": "Lab account", "oidc_new_role": new_role}
    secrets = {"oidc_client_id": CLIENT_ID, "oidc_client_secret": CLIENT_SECRET}
    app = create_app(settings.model_copy(update=names | secrets))
    return TestClient(app, follow_redirects=False, headers={"accept": "text/html"})


def test_whom_the_provider_sends_is_added_where_the_settings_say_so(
    settings: Settings, provider: FakeProvider, database: Database
) -> None:
    with browser_of(settings, provider, "operator") as browser:
        assert "Sign in with Lab account" in browser.get("/sign-in").text
        assert provider.come_back(browser).headers["location"] == "/"
        page = browser.get("/account").text
        assert "Grace" in page
        assert "Your role is operator" in page
        browser.post("/sign-out")
        provider.name = "Grace Hopper"
        assert provider.come_back(browser).status_code == 303, "the subject counts, not the name"
    assert audited(database, "user_added") == ["Grace as operator, by the provider"]
    assert len(set(provider.verifiers)) == 2


def test_strangers_and_namesakes_are_refused_with_the_way_in(
    settings: Settings, provider: FakeProvider, database: Database
) -> None:
    with browser_of(settings, provider) as browser:
        refused = provider.come_back(browser)
        assert refused.status_code == 403
        assert "Ask an admin" in refused.text
    with database.transaction() as session:
        ensure_user(session, "Grace", "admin")
    with browser_of(settings, provider, "viewer") as browser:
        assert provider.come_back(browser).status_code == 409
        assert not is_signed_in(browser), "a name that anybody may choose makes nobody an admin"


def test_a_user_links_the_provider_and_signs_in_by_it(
    settings: Settings, provider: FakeProvider, database: Database, user: User
) -> None:
    from app.accounts.service import issue_sign_in_token

    with database.transaction() as session:
        token = issue_sign_in_token(session, session.merge(user), 5)
    with browser_of(settings, provider) as browser:
        browser.get("/sign-in", params={"token": token})
        assert browser.post("/account/provider").headers["hx-redirect"] == "/sign-in/provider"
        assert provider.come_back(browser).headers["location"] == "/account"
        browser.post("/sign-out")
        assert provider.come_back(browser).status_code == 303
        assert user.name in browser.get("/account").text


@pytest.mark.parametrize(
    "wrong", [{"nonce": "another"}, {"aud": "another"}, {"iss": "http://another"}, {"exp": 1}], ids=str
)
def test_a_token_that_does_not_hold_signs_nobody_in(
    settings: Settings, provider: FakeProvider, wrong: dict[str, Any]
) -> None:
    provider.wrong = wrong
    with browser_of(settings, provider, "admin") as browser:
        assert provider.come_back(browser).status_code == 502
        assert not is_signed_in(browser)


def test_a_way_back_that_nobody_began_signs_nobody_in(settings: Settings, provider: FakeProvider) -> None:
    with browser_of(settings, provider, "admin") as browser:
        forged = browser.get("/sign-in/provider/callback", params={"code": "c", "state": "made up"})
        assert forged.status_code == 502
        assert not is_signed_in(browser)


def test_without_a_provider_there_is_no_way_to_it(anonymous: TestClient) -> None:
    assert anonymous.get("/sign-in/provider").status_code == 404
    assert "/sign-in/provider" not in anonymous.get("/sign-in").text
