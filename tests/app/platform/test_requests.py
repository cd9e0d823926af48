"""One transaction per request."""

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select

from app.accounts.models import User
from app.platform.database import Database
from app.platform.errors import Conflict
from app.platform.requests import SessionDep

pytestmark = pytest.mark.usefixtures("unguarded")


def test_request_commits_as_a_whole_or_not_at_all(
    web_app: FastAPI, anonymous: TestClient, database: Database
) -> None:
    @web_app.post("/users/{name}")
    def add(name: str, session: SessionDep) -> None:
        session.add(User(name=name, role="operator"))
        session.flush()
        if name == "Wrong":
            raise Conflict("No.")

    assert anonymous.post("/users/Right").status_code == 200
    assert anonymous.post("/users/Wrong").status_code == 409
    with database.reading() as session:
        assert session.scalars(select(User.name)).all() == ["Right"]


def test_commit_comes_before_the_answer(web_app: FastAPI, anonymous: TestClient, database: Database) -> None:
    """What fails at the commit must not have been acknowledged."""

    @web_app.post("/late-failure")
    def add(session: SessionDep) -> str:
        session.add(User(name="Late", role="emperor"))  # refused by the database, when the commit flushes
        return "done"

    assert anonymous.post("/late-failure").status_code == 409
