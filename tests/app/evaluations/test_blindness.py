"""Until a session is closed nothing that it shows or sends tells whose trial it is."""

import re
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from structlog.testing import capture_logs

from app.evaluations.rollouts import EvaluationBatch, blind_reason
from app.evaluations.run_states import run_states
from app.evaluations.turns import next_turn
from app.experiments.models import Region
from hndp_core.data.artefact_store import DamagedArtefact, MissingArtefact
from hndp_core.errors import StorageFull

from .evaluation_desk import NAMES, EvaluationDesk, truth_by_letter

TELLING = re.compile(
    rf"{'|'.join(NAMES)}|iteration|policies/|/experiments/\d|policy_id|candidate|global|seed", re.IGNORECASE
)
LINK = re.compile(
    r'(?:href|src|poster|hx-get|hx-post|sse-connect|action|data-review|data-address|data-labels)="(/[^"]*)"'
)
OWN = ("/evaluations", "/artefacts")
ELSEWHERE = ("/evaluations/new", "/evaluations/planner")
STREAMED = ("/events", "/labels")


def walked(client: TestClient, start: str) -> dict[str, str]:
    """All pages of the session that links lead to, with their text; of files their headers."""
    seen: dict[str, str] = {}
    owed = [start]
    while owed:
        url = owed.pop()
        if url in seen or not url.startswith(OWN) or url.startswith(ELSEWHERE):
            continue
        if url.endswith(STREAMED):  # an address alone: one never ends, the other is posted to
            seen[url] = ""
            continue
        answer = client.get(url, follow_redirects=False)
        kind = answer.headers.get("content-type", "")
        told = answer.text if kind.startswith(("text/html", "application/json")) else ""
        seen[url] = f"{dict(answer.headers)} {told}"
        if kind.startswith("text/html"):
            owed += [link.replace("&amp;", "&") for link in LINK.findall(answer.text)]
    return seen


@pytest.mark.parametrize("curves", ["hidden", "shown"])
def test_no_page_link_or_file_name_tells_before_the_session_is_closed(
    desk: EvaluationDesk, sign_in: Callable[[str, str], TestClient], curves: str
) -> None:
    session_id = desk.begun(second_rater_percent="100", curves=curves, regions=all_regions(desk))
    desk.turn(session_id, truth_by_letter(A=True, B=False))
    done, failed, disputed = desk.waiting(session_id)[:3]
    desk.label(session_id, done, "success")
    desk.label(session_id, failed, "failure", failure_mode="other", note="it fell off", milestones=1)
    desk.label(session_id, disputed, "failure")
    bea = desk.of(sign_in("Bea", "operator"))
    bea.label(session_id, disputed, "success", rating="second", instead_of=0)
    for client in (desk.client, bea.client):
        pages = walked(client, f"/evaluations/{session_id}")
        pages |= walked(client, f"/evaluations/{session_id}/label/queue?page={'e' * 32}")
        assert any(url.startswith("/artefacts/trials/") for url in pages)
        assert any(url.startswith(f"/evaluations/{session_id}/trials/") for url in pages)
        assert any(url.endswith("/review.json") for url in pages) == (curves == "shown")
        for url, text in pages.items():
            told = TELLING.findall(url) + TELLING.findall(text)
            assert not told, f"{url} tells {told}"


def all_regions(desk: EvaluationDesk) -> list[int]:
    """Those of the layout that have a demonstration, too."""
    with desk.database.reading() as session:
        return list(session.scalars(select(Region.id).where(Region.experiment_id == 1)))


def test_curves_are_kept_back_unless_the_plan_shows_them(desk: EvaluationDesk) -> None:
    hidden, shown = desk.begun(), desk.begun(name="Shown", curves="shown", regions=all_regions(desk))
    for session_id in (hidden, shown):
        desk.turn(session_id, truth_by_letter(A=True, B=False))
    trial = desk.waiting(hidden)[0]
    for path in (f"/evaluations/{hidden}/trials/{trial}/review.json",
                 f"/api/v1/evaluations/{hidden}/trials/{trial}/motion"):  # fmt: skip
        refused = desk.client.get(path, headers={"accept": "application/json"})
        assert refused.status_code == 409
        assert "judge by the film" in refused.text
    for page in ("label", f"trials/{trial}"):
        text = desk.client.get(f"/evaluations/{hidden}/{page}").text
        assert "data-review" not in text
        assert "kept back until the session is closed" in text
        assert "data-step" in text, "the film goes frame by frame"
    for trial in desk.waiting(shown):
        motion = desk.client.get(f"/evaluations/{shown}/trials/{trial}/review.json").json()
        assert motion.keys() == {"time_s", "joints", "trial", "demonstration"}
        assert motion["demonstration"] is None, "a policy that imitates closely would be known by it"
        assert len(motion["joints"]) == 7
        assert not {"commanded", "fitted"} & motion.keys(), "only what everybody could have seen"
    assert desk.client.get(f"/evaluations/{hidden}/trials/{trial}/review.json").status_code == 404
    desk.act(hidden, "close")
    closed = desk.waiting(hidden)[0]
    assert desk.client.get(f"/evaluations/{hidden}/trials/{closed}/review.json").status_code == 200


def test_the_api_tells_nothing_before_the_session_is_closed(desk: EvaluationDesk) -> None:
    session_id = desk.begun(second_rater_percent="100", curves="shown")
    desk.turn(session_id, truth_by_letter(A=True, B=False))
    trial = desk.waiting(session_id)[0]
    base = f"/api/v1/evaluations/{session_id}"
    form = {"outcome": "failure", "milestones": 1, "request_key": "program-00001"}
    answers = [
        desk.client.post(f"{base}/trials/{trial}/labels", json=form),
        desk.client.post(f"{base}/queue/reservations", json={"page": "e" * 32}),
        *(
            desk.client.get(f"{base}{path}")
            for path in ("", "/queue", f"/trials/{trial}", f"/trials/{trial}/motion")
        ),
        desk.client.post(f"{base}/labels/undo", json={"request_key": "program-00002"}),
    ]
    for answer in answers:
        assert answer.status_code == 200, answer.text
        told = TELLING.findall(str(answer.url)) + TELLING.findall(f"{dict(answer.headers)} {answer.text}")
        assert not told, f"{answer.url} tells {told}"


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
        states = run_states(session, session_id)
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
