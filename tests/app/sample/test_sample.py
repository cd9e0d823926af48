"""The sample: one press loads it, and never twice."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import func, select

from app.accounts.models import User
from app.bin.service import throw_away
from app.experiments.models import Experiment, Region
from app.experiments.service import cancel
from app.platform.database import Database
from app.platform.durable import Jobs
from app.platform.settings import Settings
from app.platform.stopping import StopSignal
from app.sample.service import SAMPLE_FILE, SAMPLE_NAME, find_sample
from app.training.models import Gate, Iteration
from app.transfers.models import Transfer
from app.transfers.runner import TransferRunner
from app.trials.models import LabelEvent
from tests.app.audited import audited


@pytest.fixture(autouse=True)
def no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hundreds of small files go through the store here, and none must survive a power cut."""
    monkeypatch.setattr("os.fsync", lambda _descriptor: None)


@pytest.fixture
def work(database: Database, settings: Settings, jobs: Jobs, tmp_path: Path) -> Callable[[], None]:
    """Does what a worker would do: all that was asked for."""

    def work() -> None:
        runner = TransferRunner(database, settings.artefacts, jobs, tmp_path / "work", 7.0, StopSignal())
        for transfer_id in asked(database):
            runner.run(transfer_id)

    return work


@pytest.fixture
def loaded(client: TestClient, database: Database, work: Callable[[], None]) -> int:
    """The sample, after the press and the worker; its number."""
    client.post("/sample")
    work()
    with database.reading() as session:
        return session.scalars(select(Experiment.id)).one()


def asked(database: Database) -> list[int]:
    with database.reading() as session:
        return list(session.scalars(select(Transfer.id).order_by(Transfer.id)))


def test_a_new_studio_offers_it_on_its_empty_pages(client: TestClient) -> None:
    for page in ("/", "/experiments"):
        offer = client.get(page).text.split('action="/sample"')[1]
        assert "Try it with sample data" in offer.split("</form>")[0]
    assert "Load the sample" in client.get("/sample").text


def test_one_press_loads_it_and_its_page_leads_to_it(
    client: TestClient, database: Database, work: Callable[[], None]
) -> None:
    assert client.post("/sample").headers["location"] == "/sample"
    waiting = {"HX-Request": "true"}
    assert "is being loaded" in client.get("/sample", headers=waiting).text
    work()
    with database.reading() as session:
        sample = session.scalars(select(Experiment)).one()
    assert sample.name == SAMPLE_NAME
    assert client.get("/sample", headers=waiting).headers["HX-Redirect"] == f"/experiments/{sample.id}"
    assert audited(database, "imported") == [f"restoration: {SAMPLE_NAME}"]


def test_its_page_says_what_to_look_at_and_every_place_is_there(client: TestClient, loaded: int) -> None:
    page = client.get(f"/experiments/{loaded}").text
    tour = page.split("What to look at")[1].split("</section>")[0]
    places = [each.split('"')[0] for each in tour.split('href="')[1:]]
    assert len(places) == 6
    assert [place for place in places if client.get(place).status_code != 200] == []
    assert "some trials are left for you" in tour


def test_other_experiments_have_no_tour(client: TestClient, loaded: int, database: Database) -> None:
    with database.transaction() as session:
        session.get_one(Experiment, loaded).name = "My own"
    assert "What to look at" not in client.get(f"/experiments/{loaded}").text


def test_all_of_it_is_simulated_and_says_so(client: TestClient, database: Database, loaded: int) -> None:
    with database.reading() as session:
        sample = session.get_one(Experiment, loaded)
        assert (sample.cell.is_simulated, sample.created_by.is_simulated) == (True, True)
        authors = select(User).where(User.id.in_(select(LabelEvent.author_id)))
        assert [each.is_simulated for each in session.scalars(authors)] == [True]
    assert "Simulated operator" in client.get(f"/experiments/{loaded}/gates").text


def test_it_shows_what_the_loop_does_and_leaves_something_to_judge(
    client: TestClient, database: Database, loaded: int
) -> None:
    """Gates open from one iteration to the next, and the last ones wait for labels."""
    with database.reading() as session:
        rows = session.execute(select(Iteration.number, Gate.value).join(Gate))
        gates = [(number, value) for number, value in rows]
        regions = select(func.count(Region.id)).where(Region.split == "train")
        train = session.scalars(regions).one()
    opened = [sum(value for number, value in gates if number == iteration) for iteration in (1, 2)]
    assert 0 < opened[0] < opened[1] <= train
    assert len(gates) == 2 * train
    waiting = client.get("/api/v1/queue", params={"experiment": loaded}).json()["items"]
    assert {each["iteration"] for each in waiting} == {3}
    assert {each["purpose"] for each in waiting} == {"gate", "held_out"}


def test_pressed_twice_it_is_asked_for_once(client: TestClient, database: Database) -> None:
    client.post("/sample")
    client.post("/sample")
    assert len(asked(database)) == 1


def test_pressed_when_it_is_here_it_says_so(client: TestClient, database: Database, loaded: int) -> None:
    page = client.get(client.post("/sample").headers["location"]).text
    assert "here already" in page
    assert f'href="/experiments/{loaded}"' in page
    assert len(asked(database)) == 1


def test_pressed_when_it_is_in_the_bin_it_says_so_and_brings_it_back(
    client: TestClient, database: Database, user: User, jobs: Jobs, loaded: int
) -> None:
    with database.transaction() as session:
        cancel(session, jobs, loaded)
    assert "it was cancelled" in client.get(f"/experiments/{loaded}").text
    with database.transaction() as session:
        throw_away(session, user, loaded)
    page = client.get(client.post("/sample").headers["location"]).text
    assert "in the bin" in page
    assert f'action="/experiments/{loaded}/bring-back"' in page
    assert len(asked(database)) == 1


def test_programs_load_it_and_learn_where_it_is(
    client: TestClient, database: Database, work: Callable[[], None]
) -> None:
    def at(answer: Response) -> tuple[int, str, int | None]:
        told = answer.json()
        assert told["name"] == SAMPLE_NAME
        return answer.status_code, told["state"], told["experiment_id"]

    assert at(client.get("/api/v1/sample")) == (200, "absent", None)
    assert at(client.post("/api/v1/sample")) == (202, "loading", None)
    work()
    with database.reading() as session:
        sample = session.scalars(select(Experiment.id)).one()
    assert at(client.get("/api/v1/sample")) == (200, "here", sample)
    assert at(client.post("/api/v1/sample")) == (202, "here", sample)


def test_a_studio_without_it_says_so(
    client: TestClient, database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("app.sample.service.SAMPLE_FILE", tmp_path / "gone.zip")
    answer = client.post("/sample")
    assert answer.status_code == 503
    assert "This studio has no sample" in answer.text
    assert asked(database) == []


def test_a_damaged_one_is_refused_at_once(
    client: TestClient,
    database: Database,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    damaged = tmp_path / "damaged.zip"
    content = bytearray(SAMPLE_FILE.read_bytes())
    content[len(content) // 2] ^= 1
    damaged.write_bytes(content)
    monkeypatch.setattr("app.sample.service.SAMPLE_FILE", damaged)
    answer = client.post("/sample")
    assert answer.status_code == 503
    assert "is not as it was" in answer.text
    assert asked(database) == []
    assert settings.artefacts.all_keys() == []


def test_what_went_wrong_on_the_way_is_told_and_can_be_tried_again(
    client: TestClient, database: Database, settings: Settings, work: Callable[[], None]
) -> None:
    client.post("/sample")
    shutil.rmtree(settings.data_dir / "artefacts" / "transfers")
    work()
    page = client.get("/sample").text
    assert "could not be loaded" in page
    client.post("/sample")
    work()
    with database.reading() as session:
        assert find_sample(session).state == "here"


@pytest.mark.parametrize("role", ["viewer", "operator"])
def test_who_may_restore_nothing_loads_nothing(
    sign_in: Callable[[str, str], TestClient], database: Database, role: str
) -> None:
    browser = sign_in("Looks on", role)
    assert browser.post("/sample").status_code == 403
    assert "Researchers and admins can load it" in browser.get("/sample").text
    with database.reading() as session:
        assert session.scalars(select(func.count(Transfer.id))).one() == 0
