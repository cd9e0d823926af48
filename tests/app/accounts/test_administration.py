import re
from collections.abc import Callable

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select

from app.accounts.models import Password, User
from app.accounts.service import studio_admin
from app.platform.database import Database

from ..audited import audited
from .facts import GOOD_PASSWORD, is_signed_in, set_password_of


@pytest.fixture
def admin(sign_in: Callable[[str, str], TestClient]) -> TestClient:
    return sign_in("Ada", "admin")


def link_in(page: str) -> str:
    found = re.search(r'value="http://testserver(/sign-in\?token=[\w-]{43})"', page)
    assert found is not None
    return found[1]


def id_of(database: Database, name: str) -> int:
    with database.reading() as session:
        return session.scalars(select(User.id).where(User.name == name)).one()


def test_an_invited_user_signs_in_by_the_link_that_is_shown_once(
    admin: TestClient, anonymous: TestClient, database: Database
) -> None:
    answer = admin.post("/users", data={"name": "Ben", "role": "operator"})
    assert answer.headers["cache-control"] == "no-store"
    assert "token=" not in admin.get("/users").text
    assert anonymous.get(link_in(answer.text)).status_code == 303
    assert "Your role is operator" in anonymous.get("/account").text
    assert audited(database, "user_added") == ["Ben as operator"]
    assert audited(database, "link_issued") == ["for Ben"]


@pytest.mark.parametrize(("name", "role"), [("Ada", "viewer"), ("", "viewer"), ("Ben", "simulated")])
def test_who_cannot_be_invited(admin: TestClient, name: str, role: str) -> None:
    assert admin.post("/users", data={"name": name, "role": role}).status_code == 422


def test_a_role_counts_at_once_and_ends_the_sessions(
    admin: TestClient, client: TestClient, user: User, anonymous: TestClient, database: Database
) -> None:
    assert admin.post(f"/users/{user.id}/role", data={"role": "viewer"}).status_code == 200
    assert not is_signed_in(client)
    anonymous.get(link_in(admin.post(f"/users/{user.id}/link").text))
    assert anonymous.get("/experiments/new").status_code == 403
    assert audited(database, "role_changed") == ["Operator: researcher is now viewer"]


def test_deactivated_users_get_in_by_no_way(
    web_app: FastAPI, admin: TestClient, user: User, anonymous: TestClient, database: Database
) -> None:
    set_password_of(database, user, GOOD_PASSWORD)
    link = link_in(admin.post(f"/users/{user.id}/link").text)
    admin.post(f"/users/{user.id}/deactivate")
    assert anonymous.get(link).status_code == 401
    assert anonymous.post("/sign-in", data={"name": user.name, "password": GOOD_PASSWORD}).status_code == 401
    assert admin.post(f"/users/{user.id}/link").status_code == 422
    admin.post(f"/users/{user.id}/reactivate")
    assert anonymous.post("/sign-in", data={"name": user.name, "password": GOOD_PASSWORD}).status_code == 303
    assert (len(audited(database, "deactivated")), len(audited(database, "reactivated"))) == (1, 1)


def test_a_reset_leaves_nothing_but_the_new_link(
    admin: TestClient, client: TestClient, user: User, anonymous: TestClient, database: Database
) -> None:
    set_password_of(database, user, GOOD_PASSWORD)
    old_link = link_in(admin.post(f"/users/{user.id}/link").text)
    new_link = link_in(admin.post(f"/users/{user.id}/reset").text)
    assert not is_signed_in(client)
    with database.reading() as session:
        assert session.get(Password, user.id) is None
    assert anonymous.get(old_link).status_code == 401
    assert anonymous.get(new_link).status_code == 303


@pytest.mark.parametrize("act", ["role", "deactivate", "reset"])
def test_admins_leave_themselves_alone(admin: TestClient, database: Database, act: str) -> None:
    own = id_of(database, "Ada")
    assert admin.post(f"/users/{own}/{act}", data={"role": "viewer"}).status_code == 409
    assert is_signed_in(admin)


def test_the_studio_prints_a_link_for_an_admin_who_is_there(database: Database, admin: TestClient) -> None:
    with database.transaction() as session:
        assert studio_admin(session).name == "Ada"


def test_the_first_start_makes_an_admin(database: Database) -> None:
    with database.transaction() as session:
        assert (studio_admin(session).name, studio_admin(session).role) == ("Operator", "admin")
