"""Every route with every role: who is not named for it in the table is refused, and none is forgotten."""

import asyncio
import re
from collections.abc import Callable
from itertools import pairwise

import httpx
import pytest
from fastapi import FastAPI, WebSocketException
from fastapi.requests import HTTPConnection
from fastapi.routing import iter_route_contexts
from fastapi.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from app.accounts.current_user import decide, permitted
from app.accounts.own_account import make_token
from app.accounts.permissions import ANYONE, LADDER, METRICS, NEEDS, OWNER, SCOPES, granted, scopes_of
from app.accounts.service import ensure_user
from app.main import create_app
from app.platform.database import Database
from app.platform.errors import AppError
from app.platform.settings import Settings

UNGUARDED = {"MOUNT /static"}
"""Files that the sign-in page needs, too; nothing of an experiment is among them."""
LET_THROUGH = 418


class LetThrough(AppError):
    status_code = LET_THROUGH


def routes_of(app: FastAPI) -> list[str]:
    """Every route as the table names it, also one that stands outside FastAPI's dependencies."""
    found = []
    for each in iter_route_contexts(app.routes):
        if each.methods:
            found += [f"{method} {each.path}" for method in each.methods]
        else:
            kind = "MOUNT" if type(each.original_route).__name__ == "Mount" else "WS"
            found.append(f"{kind} {each.path}")
    return found


def stop_at_the_door(connection: HTTPConnection) -> None:
    """Decides as the application does, then lets nobody on: no route does anything in these tests."""
    decide(connection)
    if connection.scope["type"] == "websocket":
        raise WebSocketException(LET_THROUGH + 4000)
    raise LetThrough("let through")


def some_path(route: str) -> str:
    """A path of the route; where no other fits before it, a number stands for each parameter."""
    for name in ("{kind}", "{file}", "{act}", "{figure}"):
        route = route.replace(name, "word")
    return re.sub(r"{[^}]*}", "1", route.split(" ")[1])


def asked(app: FastAPI, headers: dict[str, str]) -> dict[str, int]:
    """Status of the answer of every route, for a WebSocket its closing code less 4000."""
    headers = {"accept": "application/json", **headers}

    async def ask_all() -> dict[str, int]:
        # without the threads of TestClient, which take longer than all the rest
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://testserver", headers=headers
        ) as asker:
            return {
                route: (await asker.request(route.split(" ")[0], some_path(route))).status_code
                for route in NEEDS
                if not route.startswith("WS ")
            }

    found = asyncio.run(ask_all())
    browser = TestClient(app, headers=headers)
    for route in NEEDS:
        if route.startswith("WS "):
            with pytest.raises(WebSocketDisconnect) as closed, browser.websocket_connect(some_path(route)):
                pass
            found[route] = closed.value.code - 4000
    return found


def wrong(who: str, found: dict[str, int], grants: frozenset[str] | None) -> list[str]:
    return [
        f"{route} as {who}: {status} instead of {expected(NEEDS[route], grants)}"
        for route, status in found.items()
        if status != expected(NEEDS[route], grants)
    ]


def expected(need: str, grants: frozenset[str] | None) -> int:
    if need == ANYONE:
        return LET_THROUGH
    if grants is None:
        return 401
    return LET_THROUGH if need in grants else 403


def test_every_route_is_in_the_table_and_the_table_names_no_other(settings: Settings) -> None:
    routes = set(routes_of(create_app(settings))) - UNGUARDED
    assert sorted(routes - set(NEEDS)) == [], "say in app/accounts/permissions.py who may use these"
    assert sorted(set(NEEDS) - routes) == [], "these are no routes (any more)"


def test_every_route_lets_those_through_whom_the_table_names(
    web_app: FastAPI, sign_in: Callable[[str, str], TestClient]
) -> None:
    cookies = {role: sign_in(role, role).cookies["hndp_session"] for role in LADDER}
    web_app.dependency_overrides[permitted] = stop_at_the_door
    found = wrong("nobody", asked(web_app, {}), None)
    for role, cookie in cookies.items():
        found += wrong(role, asked(web_app, {"cookie": f"hndp_session={cookie}"}), granted(role))
    assert found == []


@pytest.mark.usefixtures("anonymous")  # it opens the application and closes it
@pytest.mark.parametrize("scope", ["operator", METRICS])
def test_every_route_holds_a_token_to_its_scope(web_app: FastAPI, database: Database, scope: str) -> None:
    with database.transaction() as session:
        token = make_token(session, ensure_user(session, "Ada", "admin"), "script", scope, 1)
    web_app.dependency_overrides[permitted] = stop_at_the_door
    found = asked(web_app, {"authorization": f"Bearer {token}"})
    assert wrong(f"a token for {scope}", found, granted("admin", scope)) == []


def test_a_route_that_the_table_does_not_name_is_refused(
    web_app: FastAPI, sign_in: Callable[[str, str], TestClient]
) -> None:
    web_app.add_api_route("/forgotten", lambda: "secret")
    assert sign_in("Ada", "admin").get("/forgotten").status_code == 403


def test_each_role_may_do_what_the_one_before_may() -> None:
    grants = [granted(role) for role in LADDER]
    assert all(lower < higher for lower, higher in pairwise(grants))


def test_nobody_gives_a_token_more_than_they_may_do() -> None:
    assert scopes_of("operator") == ("viewer", "operator")
    assert scopes_of("admin") == SCOPES
    assert METRICS not in scopes_of("researcher")
    assert scopes_of("simulated") == ()


def test_a_token_does_less_once_its_owner_may() -> None:
    assert granted("viewer", "admin") == {"viewer"}
    assert granted("admin", "admin") == granted("admin") - {OWNER}
