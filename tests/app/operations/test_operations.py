import re
from collections.abc import Callable

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import text

from app.cells.models import Cell, Process
from app.main import create_app
from app.platform.database import Database
from app.platform.model import now
from app.platform.settings import Settings


def figure(page: str, series: str) -> float:
    found = re.search(rf"^{re.escape(series)} (\S+)$", page, re.MULTILINE)
    assert found is not None, f"{series} is not among\n{page}"
    return float(found[1])


@pytest.fixture
def admin(sign_in: Callable[[str, str], TestClient]) -> TestClient:
    return sign_in("Ada", "admin")


def test_alive_and_ready(anonymous: TestClient) -> None:
    assert anonymous.get("/health").json() == {"status": "ok"}
    assert anonymous.get("/ready").json() == {"status": "ready"}


def test_not_ready_before_the_migration(anonymous: TestClient, database: Database) -> None:
    with database.transaction() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0001_keep_the_loop'"))
    answer = anonymous.get("/ready")
    assert (answer.status_code, answer.json()["reason"]) == (503, "OldDatabase")
    assert anonymous.get("/health").status_code == 200


def test_alive_but_not_ready_while_the_database_is_away(settings: Settings) -> None:
    away = settings.model_copy(update={"database_url": "sqlite:////nowhere/at/all/hndp.sqlite3"})
    with TestClient(create_app(away)) as probe:
        assert probe.get("/health").status_code == 200
        answer = probe.get("/ready")
    assert (answer.status_code, answer.json()["reason"]) == (503, "UnreachableDatabase")
    assert "nowhere" not in answer.text


def test_metrics_count_what_waits_and_what_is_up(admin: TestClient, database: Database) -> None:
    with database.transaction() as session:
        session.add_all([Cell(name="left", robot="simulated"), Cell(name="right", robot="simulated")])
        session.add(
            Process(id="cell-left", kind="cell", host="h", pid=1, started_at=now(), heartbeat_at=now())
        )
    page = admin.get("/metrics").text
    assert figure(page, "hndp_trials_waiting") == 0
    assert figure(page, 'hndp_cell_up{cell="left"}') == 1
    assert figure(page, 'hndp_cell_up{cell="right"}') == 0
    assert figure(page, 'hndp_processes{kind="cell"}') == 1
    assert figure(page, 'hndp_jobs{status="waiting"}') == 0


def test_requests_are_timed_by_route_and_not_by_address(admin: TestClient) -> None:
    for number in (1, 2):
        admin.get(f"/experiments/{number}")
    admin.request("DANCE", "/no/such/page")
    page = admin.get("/metrics").text
    route = 'method="GET",route="/experiments/{experiment_id}",status="4xx"'
    assert figure(page, f"hndp_request_seconds_count{{{route}}}") == 2
    assert 'method="other",route="none"' in page
    assert "no/such" not in page


def test_a_token_for_metrics_opens_metrics_alone(web_app: FastAPI, admin: TestClient) -> None:
    made = admin.post("/account/tokens", data={"token_name": "prometheus", "scope": "metrics", "days": 30})
    found = re.search(r"hndp_[\w-]{43}", made.text)
    assert found is not None
    with TestClient(web_app, headers={"authorization": f"Bearer {found[0]}"}) as prometheus:
        assert prometheus.get("/metrics").status_code == 200
        assert prometheus.get("/experiments").status_code == 403
