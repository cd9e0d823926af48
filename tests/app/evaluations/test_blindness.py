"""Until a session is closed nothing that it shows or sends tells whose trial it is."""

import re

import pytest
from fastapi.testclient import TestClient
from structlog.testing import capture_logs

from app.evaluations.repository import EvaluationRepository
from app.evaluations.rollouts import EvaluationBatch, blind_reason
from app.evaluations.turns import next_turn
from hndp_core.data.artefact_store import DamagedArtefact, MissingArtefact
from hndp_core.errors import StorageFull

from .evaluation_desk import NAMES, EvaluationDesk, truth_by_letter

TELLING = re.compile(
    rf"{'|'.join(NAMES)}|iteration|policies/|/experiments/\d|policy_id|candidate|global|seed", re.IGNORECASE
)
LINK = re.compile(r'(?:href|src|poster|hx-get|hx-post|sse-connect|action)="(/[^"]*)"')
OWN = ("/evaluations", "/artefacts")
ELSEWHERE = ("/evaluations/new", "/evaluations/planner")


def walked(client: TestClient, start: str) -> dict[str, str]:
    """All pages of the session that links lead to, with their text; of files their headers."""
    seen: dict[str, str] = {}
    owed = [start]
    while owed:
        url = owed.pop()
        if url in seen or not url.startswith(OWN) or url.startswith(ELSEWHERE) or url.endswith("/events"):
            continue
        answer = client.get(url, follow_redirects=False)
        media = not answer.headers.get("content-type", "").startswith("text/html")
        seen[url] = str(dict(answer.headers)) if media else answer.text
        if not media:
            owed += [link.replace("&amp;", "&") for link in LINK.findall(answer.text)]
    return seen


def test_no_page_link_or_file_name_tells_before_the_session_is_closed(desk: EvaluationDesk) -> None:
    session_id = desk.begun()
    desk.turn(session_id, truth_by_letter(A=True, B=False))
    waiting = desk.waiting(session_id)
    desk.label(session_id, waiting[0], "success")
    pages = walked(desk.client, f"/evaluations/{session_id}")
    assert f"/evaluations/{session_id}/label" in pages
    assert any(url.startswith("/artefacts/trials/") for url in pages)
    assert any(url.startswith(f"/evaluations/{session_id}/trials/") for url in pages)
    for url, text in pages.items():
        told = TELLING.findall(url) + TELLING.findall(text)
        assert not told, f"{url} tells {told}"


def test_the_pages_of_experiments_know_no_evaluation_trial(desk: EvaluationDesk) -> None:
    session_id = desk.begun()
    desk.turn(session_id, truth_by_letter(A=True, B=False))
    trial = desk.waiting(session_id)[0]
    assert desk.client.get(f"/trials/{trial}").status_code == 404
    assert desk.client.get(f"/trials/{trial}/curves.json").status_code == 404
    fields = {"outcome": "success", "request_key": "key-00000000"}
    assert desk.client.post(f"/trials/{trial}/labels", data=fields).status_code == 404
    assert len(desk.waiting(session_id)) == 4


def test_there_is_no_report_before_it_is_closed(desk: EvaluationDesk) -> None:
    session_id = desk.begun()
    answer = desk.client.get(f"/evaluations/{session_id}/report")
    assert answer.status_code == 409
    assert not TELLING.search(answer.text)


def test_ids_and_files_follow_the_order_alone(desk: EvaluationDesk) -> None:
    session_id = desk.begun()
    desk.turn(session_id, truth_by_letter(A=True, B=True))
    desk.turn(session_id, truth_by_letter(A=True, B=True))
    with desk.database.reading() as session:
        states = EvaluationRepository(session).run_states(session_id)
    trials = [state.trial_id for state in states]
    assert trials == sorted(trials)  # pyright: ignore[reportArgumentType]


class BrokenRunner:
    """A cell that finds no policy."""

    def run(self, trial_id: int) -> str:
        raise MissingArtefact("policies/2/2/global.safetensors")


def test_a_fault_pauses_the_session_and_is_told_blind_in_log_and_page(
    desk: EvaluationDesk, capfd: pytest.CaptureFixture[str]
) -> None:
    session_id = desk.begun()
    with desk.database.transaction() as session:
        trial = next_turn(session, session_id, 0.0)["trials"][0]
    with capture_logs() as logs:
        batch = EvaluationBatch(desk.database, BrokenRunner())  # type: ignore[arg-type]
        assert batch.run(session_id, trial) == "failed"
    page = desk.client.get(f"/evaluations/{session_id}").text
    assert "missing or damaged" in page
    assert "Paused" in page
    printed = capfd.readouterr()
    for text in (page, str(logs), printed.out, printed.err):
        assert not TELLING.search(text)
    assert desk.act(session_id, "resume").status_code == 303
    assert "missing or damaged" not in desk.client.get(f"/evaluations/{session_id}").text


@pytest.mark.parametrize(
    "error",
    [
        MissingArtefact("policies/2/2/global.safetensors"),
        DamagedArtefact("policies/2/2/global.safetensors"),
        KeyError("policies/2/2/global.safetensors"),
    ],
)
def test_reasons_leave_out_file_names(error: Exception) -> None:
    assert not TELLING.search(blind_reason(error, "H1"))


def test_reasons_that_tell_nothing_are_told() -> None:
    assert "Free some space" in blind_reason(StorageFull("trials/7/video.mp4"), "H1")
