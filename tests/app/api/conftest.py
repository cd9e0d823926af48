"""Programs at an experiment whose trials wait for labels, and at a draft."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx import Response

from app.accounts.own_account import make_token
from app.accounts.service import ensure_user
from app.platform.database import Database
from app.platform.settings import Settings

from ..seeded_experiment import seed_experiment


@dataclass(frozen=True)
class Program:
    """A program with a token."""

    client: TestClient

    def get(self, path: str, **query: Any) -> Any:
        answer = self.client.get(f"/api/v1{path}", params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, body: Any = None, **headers: str) -> Response:
        return self.client.post(f"/api/v1{path}", json=body, headers=headers)

    def ask(self, method: str, path: str, **how: Any) -> Response:
        return self.client.request(method, f"/api/v1{path}", **how)


@pytest.fixture
def program(web_app: FastAPI, database: Database) -> Iterator[Callable[[str], Program]]:
    """program(role) returns a program with a token of somebody of that role, whose name is the role's."""
    clients: list[TestClient] = []

    def make(role: str) -> Program:
        with database.transaction() as session:
            token = make_token(session, ensure_user(session, role.title(), role), "script", role, 1)
        client = TestClient(web_app, headers={"authorization": f"Bearer {token}"})
        clients.append(client)
        client.__enter__()
        return Program(client)

    yield make
    for client in clients:
        client.__exit__(None, None, None)


@pytest.fixture
def waiting(database: Database, settings: Settings) -> int:
    """An experiment in its second of three iterations, with gate trials that wait for a label."""
    with database.transaction() as session:
        maker = ensure_user(session, "Maker", "researcher")
        return seed_experiment(
            session,
            settings.artefacts,
            maker,
            iterations_done=2,
            planned_iterations=3,
            waiting_labels=3,
            train=4,
            held_out=2,
        ).id


@pytest.fixture
def draft(database: Database, settings: Settings) -> int:
    """A draft with all its demonstrations."""
    with database.transaction() as session:
        maker = ensure_user(session, "Maker", "researcher")
        return seed_experiment(
            session, settings.artefacts, maker, iterations_done=0, train=3, held_out=1, name="A draft"
        ).id
