"""What programs get, and what their acts lead to."""

from collections.abc import Callable
from io import BytesIO

import numpy as np
import pytest

from app.audit.models import AuditEvent
from app.platform.database import Database
from app.platform.settings import Settings
from app.trials.models import Trial

from .conftest import Program

Programs = Callable[[str], Program]


@pytest.fixture
def operator(program: Programs) -> Program:
    return program("operator")


def test_a_draft_is_started_once(program: Programs, draft: int) -> None:
    researcher = program("researcher")
    assert researcher.post(f"/experiments/{draft}/start").json()["status"] == "running"
    again = researcher.post(f"/experiments/{draft}/start")
    assert again.status_code == 409
    assert "was started before" in again.json()["detail"]


def test_an_experiment_goes_to_the_bin_and_back(program: Programs, waiting: int) -> None:
    researcher = program("researcher")
    assert researcher.post(f"/experiments/{waiting}/bin").status_code == 409, "it is under way"
    before = researcher.post(f"/experiments/{waiting}/cancel").json()
    assert researcher.post(f"/experiments/{waiting}/bin").status_code == 204
    assert [each["id"] for each in researcher.get("/bin")] == [waiting]
    assert researcher.get("/experiments")["items"] == []
    assert researcher.get("/trials")["items"] == []
    assert researcher.ask("GET", f"/experiments/{waiting}").status_code == 404
    assert researcher.post(f"/experiments/{waiting}/bring-back").status_code == 204
    assert researcher.get(f"/experiments/{waiting}") == before
    assert researcher.get("/trials")["items"]


def test_only_what_is_in_the_bin_is_deleted_for_good(
    program: Programs, draft: int, settings: Settings, database: Database
) -> None:
    researcher = program("researcher")
    refused = researcher.ask("DELETE", f"/bin/{draft}")
    assert (refused.status_code, "throw it away first" in refused.json()["detail"]) == (409, True)
    researcher.post(f"/experiments/{draft}/bin")
    assert program("operator").ask("DELETE", f"/bin/{draft}").status_code == 403
    assert settings.artefacts.all_keys()
    assert researcher.ask("DELETE", f"/bin/{draft}").status_code == 204
    assert researcher.get("/bin") == []
    assert settings.artefacts.all_keys() == []
    assert researcher.ask("DELETE", f"/bin/{draft}").status_code == 404
    with database.reading() as session:
        assert [each.act for each in session.query(AuditEvent).order_by(AuditEvent.id)][-1] == "deleted"


def test_a_demonstration_goes_to_the_bin_and_back_with_a_note(
    operator: Program, draft: int, database: Database
) -> None:
    shown = operator.get(f"/experiments/{draft}/demonstrations", status="accepted")["items"][0]
    assert operator.post(f"/demonstrations/{shown['id']}/bin").json()["status"] == "binned"
    assert operator.post(f"/demonstrations/{shown['id']}/restore").json()["status"] == "accepted"
    with database.reading() as session:
        acts = [each.act for each in session.query(AuditEvent).order_by(AuditEvent.id)]
    assert acts[-2:] == ["binned", "restored"]


def test_a_motion_from_a_file_waits_to_be_kept(operator: Program, draft: int) -> None:
    region = operator.get(f"/experiments/{draft}/regions")[0]
    home = np.array([0.0, -0.785, 0.0, -2.356, 0.0, 1.571, 0.785])
    path = home + np.linspace(0, 0.2, 200)[:, None] ** 2
    lines = ["time_s,q1,q2,q3,q4,q5,q6,q7"]
    lines += [",".join(f"{value:.5f}" for value in (0.02 * at, *row)) for at, row in enumerate(path)]
    file = BytesIO("\n".join(lines).encode())
    sent = {"files": {"file": ("hand.csv", file)}, "data": {"region_id": region["id"]}}
    answer = operator.ask("POST", f"/experiments/{draft}/motions", **sent)
    assert answer.status_code == 201, answer.text
    assert operator.get(f"/experiments/{draft}/motions")["items"] == [answer.json()]
    motion = f"/motions/{answer.json()['id']}"
    preview = operator.get(f"{motion}/preview")
    assert (preview["samples"], preview["start_image"], len(preview["fit_error_mrad"])) == (200, None, 7)
    curves = operator.get(f"{motion}/curves")
    assert len(curves["prepared"][0]) == len(curves["fitted"][0]) == len(curves["time_s"])
    assert curves["commanded"] is None
    kept = operator.post(f"/motions/{answer.json()['id']}/keep")
    assert (kept.status_code, kept.json()["status"]) == (202, "queued")


def test_the_queue_says_what_a_label_has_to_say(operator: Program, waiting: int) -> None:
    queue = operator.get("/queue", experiment=waiting)
    assert queue["waiting"]["gate"] == 3
    first = queue["items"][0]
    form = {"outcome": "success", "request_key": "program-00001", "instead_of": first["instead_of"]}
    label = operator.post(f"/trials/{first['id']}/labels", form)
    assert (label.status_code, label.json()["outcome"]) == (200, "success")
    assert operator.post(f"/trials/{first['id']}/labels", form).json() == label.json()
    assert operator.get(f"/trials/{first['id']}")["trial"]["label"]["id"] == label.json()["event_id"]
    assert operator.post("/labels/undo", {"request_key": "program-00002"}).json()["outcome"] == "withdrawn"
    assert operator.get("/queue", experiment=waiting)["waiting"]["gate"] == 3


def test_reserved_trials_are_given_to_nobody_else(program: Programs, waiting: int) -> None:
    mine, page = program("operator"), {"page": "a" * 32, "limit": 2}
    held = [each["id"] for each in mine.post("/queue/reservations", page).json()["items"]]
    others = program("researcher")
    assert len(held) == 2
    assert not {each["id"] for each in others.get("/queue", experiment=waiting)["items"]} & set(held)
    assert mine.post("/queue/leave", {"page": "a" * 32}).status_code == 204
    assert {each["id"] for each in others.get("/queue", experiment=waiting)["items"]} >= set(held)


def test_trials_are_found_by_what_they_are(operator: Program, waiting: int) -> None:
    found = operator.get("/trials", experiment=waiting, purpose="gate", iteration=2, region="T2")["items"]
    assert [(each["region"], each["iteration"], each["purpose"]) for each in found] == [("T2", 2, "gate")]
    assert operator.get("/trials", experiment=waiting + 1)["items"] == []


def test_the_physics_is_told_once_a_judgement_cannot_follow_it(
    operator: Program, waiting: int, database: Database
) -> None:
    judged = operator.get("/trials", experiment=waiting, purpose="gate", iteration=1)["items"][0]
    waits = operator.get("/queue", experiment=waiting)["items"][0]
    assert operator.get(f"/trials/{waits['id']}")["ground_truth"] is None
    with database.reading() as session:
        physics = session.get_one(Trial, judged["id"]).physics_success
    assert operator.get(f"/trials/{judged['id']}")["ground_truth"]["success"] is physics


def test_who_owes_an_independent_judgement_is_not_told_the_first(
    program: Programs, waiting: int, database: Database
) -> None:
    first, second = program("operator"), program("researcher")
    drawn = first.get("/queue", experiment=waiting)["items"][0]["id"]
    with database.transaction() as session:
        session.get_one(Trial, drawn).second_rated = True
    form = {"outcome": "failure", "request_key": "program-00001"}
    assert first.post(f"/trials/{drawn}/labels", form).status_code == 200
    blind = second.get(f"/trials/{drawn}")
    assert (blind["trial"]["owed"], blind["trial"]["label"], blind["labels"]) == ("second", None, [])
    listed = second.get("/trials", experiment=waiting, purpose="gate", iteration=2)["items"]
    assert next(each for each in listed if each["id"] == drawn)["label"] is None
    assert first.get(f"/trials/{drawn}")["trial"]["label"]["outcome"] == "failure"


def test_a_record_is_the_stored_file(operator: Program, waiting: int) -> None:
    trial = operator.get("/trials", experiment=waiting, status="executed")["items"][0]
    answer = operator.client.get(trial["record"])
    assert answer.headers["content-disposition"] == f'attachment; filename="trial-{trial["id"]}.npz"'
    assert np.load(BytesIO(answer.content))["commanded"].shape == (350, 7)
    curves = operator.get(f"/trials/{trial['id']}/curves")
    assert [len(each) for each in curves["commanded"]] == [351] * 7
    assert len(curves["limits"]) == 7
    assert operator.client.get(trial["files"]["video"]).headers["content-type"] == "video/mp4"


def test_iterations_gates_and_figures_of_an_experiment(operator: Program, waiting: int) -> None:
    iterations = operator.get(f"/experiments/{waiting}/iterations")
    assert [each["number"] for each in iterations] == [1, 2]
    assert iterations[1] == operator.get(f"/experiments/{waiting}/iterations/2")
    curves = operator.get(f"/experiments/{waiting}/iterations/1/curves")
    assert curves["steps"][0]["points"]
    gates = operator.get(f"/experiments/{waiting}/gates")["iterations"][0]["gates"]
    assert all(each["label_events"] for each in gates)
    success = operator.get(f"/experiments/{waiting}/figures/success")
    assert success["planned_iterations"] == 3
    table = operator.ask("GET", f"/experiments/{waiting}/figures/success/csv").text
    assert table.startswith("iteration,")


@pytest.mark.parametrize("figure", ["methods", "labels", "operators", "throughput", "up_time"])
def test_figures_over_all_experiments_answer(operator: Program, waiting: int, figure: str) -> None:
    assert operator.get(f"/figures/{figure}", arm="simulated")


def test_the_overview_names_the_experiments(operator: Program, waiting: int) -> None:
    assert operator.get(f"/experiments/{waiting}")["name"] in str(operator.get("/figures/experiments"))


def test_a_rubric_is_changed_by_a_researcher(program: Programs) -> None:
    researcher = program("researcher")
    rubric = {"milestones": [{"name": "touched", "credit": 1.0}], "failure_modes": ["missed"]}
    assert researcher.ask("PUT", "/tasks/scooping/rubric", json=rubric).json() == rubric
    assert researcher.get("/tasks/scooping/rubric") == rubric
    assert researcher.ask("DELETE", "/tasks/scooping/rubric").json() != rubric
    half = {"milestones": [{"name": "touched", "credit": 0.5}], "failure_modes": []}
    assert researcher.ask("PUT", "/tasks/scooping/rubric", json=half).status_code == 422


def test_an_admin_invites_and_changes_users_and_reads_the_log(program: Programs) -> None:
    admin = program("admin")
    invited = admin.post("/users", {"name": "Grace", "role": "operator"}).json()
    assert admin.client.get(invited["sign_in_path"], follow_redirects=False).status_code == 303
    path = f"/users/{invited['user']['id']}"
    assert admin.ask("PUT", f"{path}/role", json={"role": "viewer"}).json()["role"] == "viewer"
    assert admin.post(f"{path}/deactivate").json()["active"] is False
    assert admin.get("/audit", act="deactivated")["items"][0]["about"] == "Grace"


def test_a_cell_that_is_down_is_a_state_and_cannot_be_stopped(operator: Program, waiting: int) -> None:
    (cell,) = operator.get("/cells")
    assert operator.get(f"/cells/{cell['id']}/state")["up"] is False
    refused = operator.post(f"/cells/{cell['id']}/stop", {"press": "program-1"})
    assert (refused.status_code, refused.json()["title"]) == (503, "Service Unavailable")


def test_the_home_says_what_waits_for_whom(operator: Program, waiting: int) -> None:
    home = operator.get("/home")
    need = next(each for each in home["needs"] if each["id"] == waiting)
    assert (need["kind"], need["what"], need["urgent"]) == ("experiment", "3 trials wait for a label", True)
    assert need["page"] == f"/experiments/{waiting}/label"
    assert {each["name"] for each in home["machines"]} == {"Cell simulated", "Training"}


def test_what_happens_now_is_told_with_what_is_missing(
    operator: Program, waiting: int, draft: int, database: Database
) -> None:
    present = operator.get(f"/experiments/{waiting}/present")
    assert (present["iteration"], present["step"], present["missing"]) == (2, "labelling", [])
    assert present["act"].startswith("3 trials wait for a label.")
    assert present["left_s"] > 0
    shown = operator.get(f"/experiments/{draft}/demonstrations", status="accepted")["items"][0]
    operator.post(f"/demonstrations/{shown['id']}/bin")
    told = operator.get(f"/experiments/{draft}/present")
    assert (told["missing"], told["step"], told["left_s"]) == ([shown["region"]], None, None)


def test_a_replay_is_followed(operator: Program, draft: int) -> None:
    shown = operator.get(f"/experiments/{draft}/demonstrations", status="accepted")["items"][0]
    assert operator.ask("GET", f"/demonstrations/{shown['id']}/replay").status_code == 404
    asked = operator.post(f"/demonstrations/{shown['id']}/replay").json()
    assert operator.get(f"/demonstrations/{shown['id']}/replay") == asked


def test_figures_are_tables_too_and_an_experiment_is_counted(operator: Program, waiting: int) -> None:
    table = operator.ask("GET", "/figures/experiments/csv")
    assert (table.status_code, table.headers["content-type"]) == (200, "text/csv; charset=utf-8")
    assert "Scooping, first try" in table.text
    facts = operator.get(f"/experiments/{waiting}/facts")
    assert (facts["train_regions"], facts["demonstrations"], facts["unlabelled"]) == (4, 4, 3)


def test_an_account_gets_another_link_or_a_new_beginning(program: Programs) -> None:
    admin = program("admin")
    user = admin.post("/users", {"name": "Grace", "role": "operator"}).json()["user"]
    for act in ("link", "reset"):
        made = admin.post(f"/users/{user['id']}/{act}")
        assert (made.json()["user"], made.headers["cache-control"]) == (user, "no-store")
        assert admin.client.get(made.json()["sign_in_path"], follow_redirects=False).status_code == 303
    listed = next(each for each in admin.get("/users")["items"] if each["id"] == user["id"])
    assert (listed["has_password"], listed["last_seen_at"] is not None) == (False, True)
