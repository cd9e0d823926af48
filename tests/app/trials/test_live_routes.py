"""The web side of a label that is given while a trial runs: the cell stores it, or it is one as any other."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import select

from app.cells.models import Cell
from tests.app.cells.conftest import serve
from tests.app.trials.conftest import JSON, Desk

STORED = {
    "trial_id": 1,
    "event_id": 7,
    "outcome": "failure",
    "author": "Operator",
    "gate_outdated": False,
    "notice": None,
}


class JudgingCell:
    """A cell's live service that answers each label in the same way, and keeps what it was asked."""

    def __init__(self, answer: dict[str, Any] | None) -> None:
        self.answer = answer
        self.asked: list[dict[str, Any]] = []
        self.service = FastAPI()
        self.service.add_api_route("/judge", self.judge, methods=["POST"])

    def judge(self, asked: dict[str, Any]) -> dict[str, Any]:
        self.asked.append(asked)
        return {"label": self.answer}


@pytest.fixture(params=[None, STORED], ids=["over", "runs"])
def cell(request: pytest.FixtureRequest, desk: Desk) -> Iterator[JudgingCell]:
    cell = JudgingCell(request.param)
    serving = serve(cell.service)
    with desk.database.transaction() as session:
        session.scalars(select(Cell)).one().service_url = next(serving)
    yield cell
    next(serving, None)


def judge(client: TestClient, trial_id: int, **more: object) -> Response:
    fields = {"outcome": "failure", "request_key": "key-00000009", **more}
    return client.post(f"/trials/{trial_id}/live-label", data=fields, headers=JSON)


def test_the_cell_stores_the_label_of_a_trial_that_runs_and_no_other(desk: Desk, cell: JudgingCell) -> None:
    trial = desk.waiting()[0]
    answer = judge(desk.client, trial, token=3)
    assert answer.status_code == 200
    assert answer.json()["outcome"] == "failure"
    (asked,) = cell.asked
    assert (asked["trial_id"], asked["token"]) == (trial, 3)
    assert asked["label"]["request_key"] == "key-00000009"
    assert desk.events(trial) == ([] if cell.answer else ["failure"])


def test_a_viewer_judges_nothing(
    desk: Desk, cell: JudgingCell, sign_in: Callable[[str, str], TestClient]
) -> None:
    assert judge(sign_in("Vera", "viewer"), desk.waiting()[0]).status_code == 403
    assert cell.asked == []


def test_a_cell_that_does_not_answer_stores_nothing_and_says_so(desk: Desk) -> None:
    trial = desk.waiting()[0]
    answer = judge(desk.client, trial)
    assert answer.status_code == 503
    assert "does not answer" in answer.json()["error"]
    assert desk.events(trial) == []
