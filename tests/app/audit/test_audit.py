from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from app.accounts.models import User
from app.audit.models import AuditEvent
from app.audit.routes import PAGE
from app.audit.service import audit
from app.platform.database import Database


@pytest.fixture
def admin(sign_in: Callable[[str, str], TestClient]) -> TestClient:
    return sign_in("Ada", "admin")


def test_an_entry_is_kept_only_with_its_act(database: Database, user: User) -> None:
    with database.transaction() as session:
        audit(session, user, "labelled", "trial 1: success")
        session.rollback()
    with database.reading() as session:
        assert session.scalars(select(AuditEvent)).all() == []


def test_an_act_that_nobody_declared_is_refused(database: Database, user: User) -> None:
    with database.transaction() as session, pytest.raises(ValueError, match="Available: signed_in"):
        audit(session, user, "danced")


def test_the_page_filters_by_act_person_and_words(admin: TestClient, database: Database, user: User) -> None:
    with database.transaction() as session:
        for number in (7, 8):
            audit(session, user, "labelled", f"trial {number}: success")
        audit(session, user, "deleted", "experiment 7")
    found = admin.get("/audit", params={"act": "labelled", "user": str(user.id), "words": "trial 7"}).text
    assert "trial 7: success" in found
    assert "trial 8" not in found
    assert "experiment 7" not in found
    assert "No such entry" in admin.get("/audit", params={"act": "revealed"}).text
    assert "No such entry" in admin.get("/audit", params={"words": "%"}).text, "a wildcard is a character"


def test_older_entries_are_a_page_away(admin: TestClient, database: Database, user: User) -> None:
    with database.transaction() as session:
        for number in range(PAGE + 3):
            audit(session, user, "labelled", f"trial {number:03}")
    first = admin.get("/audit", params={"act": "labelled"}).text
    assert "trial 003" in first
    assert "trial 002" not in first
    with database.reading() as session:
        oldest_shown = session.scalars(select(AuditEvent.id).where(AuditEvent.about == "trial 003")).one()
    second = admin.get("/audit", params={"act": "labelled", "before": oldest_shown}).text
    assert f"before={oldest_shown}" in first
    assert "trial 000" in second
    assert "Older" not in second


def test_what_is_written_down_is_shown_as_text(admin: TestClient, database: Database, user: User) -> None:
    with database.transaction() as session:
        audit(session, user, "imported", "<script>alert(1)</script>")
    assert "<script>alert" not in admin.get("/audit").text
