"""Real processes that die while an attended arm moves: it holds, says why, and nothing is lost or doubled."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from app.accounts.service import ensure_user, issue_sign_in_token
from app.cells.cell_client import KEY_HEADER
from app.cells.models import Cell, CellEvent
from app.demonstrations.models import Demonstration
from app.experiments.models import Experiment, Region
from app.platform.database import Database
from app.platform.durable import Jobs
from app.platform.listening import listen, port_of
from app.platform.migration import migrate
from hndp_core.hierarchy import RefinementConfig
from hndp_core.tasks import get_task
from tests.faults.studio import Studio

pytestmark = pytest.mark.faults

WAIT_S = 120.0


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    (tmp_path / "data").mkdir()
    database = Database(f"sqlite:///{tmp_path / 'data' / 'hndp.sqlite3'}")
    migrate(database)
    yield database
    database.close()


@pytest.fixture
def port() -> int:
    with listen("127.0.0.1", 0, "HNDP_PORT") as listener:
        return port_of(listener)


@pytest.fixture
def studio(tmp_path: Path, database: Database, port: int) -> Iterator[Studio]:
    with listen("127.0.0.1", 0, "HNDP_CELL_PORT") as listener:
        cell_port = port_of(listener)
    environment = {
        "HNDP_DATA_DIR": str(tmp_path / "data"),
        "HNDP_DATABASE_URL": database.url,
        "HNDP_CELL_NAME": "north",
        "HNDP_CELL_ATTENDED": "1",
        "HNDP_SIMULATION_SPEED": "1",
        "HNDP_PORT": str(port),
        "HNDP_CELL_PORT": str(cell_port),
        "MUJOCO_GL": "egl",
    }
    studio = Studio(tmp_path, environment, database)
    yield studio
    studio.kill_all()


class Operator:
    """Somebody at a browser, as the web process sees them."""

    def __init__(self, url: str, database: Database, name: str) -> None:
        self._url = url
        self.browser = httpx.Client(
            base_url=url, headers={"accept": "application/json"}, timeout=WAIT_S, trust_env=False
        )
        with database.transaction() as session:
            self._token = issue_sign_in_token(session, ensure_user(session, name, "operator"), 60)

    def sign_in(self) -> None:
        deadline = time.monotonic() + WAIT_S
        while True:
            try:
                self.browser.get("/sign-in", params={"token": self._token})
                return
            except httpx.ConnectError:
                assert time.monotonic() < deadline, "the web process did not start"
                time.sleep(0.1)

    def ask(self, path: str, **asked: Any) -> httpx.Response:
        return self.browser.post(f"/cells/1/{path}", json=asked)

    def lets_go_on(self, token: int) -> bool:
        """Press "Go on", whether or not the arm holds: where tests run, signs of life may be late."""
        return self.ask("go_on", token=token).status_code == httpx.codes.OK

    def sets_the_scene(self, token: int, state: dict[str, Any]) -> bool:
        """Press "Matches" where a scene waits."""
        if state["scene"] is not None:
            self.ask("scene_matches", token=token, scene=state["scene"]["number"])
        return True

    def attends(self, token: int, state: dict[str, Any]) -> bool:
        """Do what lets the arm move."""
        return self.lets_go_on(token) and self.sets_the_scene(token, state)

    @contextmanager
    def signs_of_life(self, token: int) -> Iterator[None]:
        """Heartbeats as the page sends them, for as long as the block lasts and the web process answers."""
        over = threading.Event()
        cookies = "; ".join(f"{name}={value}" for name, value in self.browser.cookies.items())
        socket = connect(
            f"{self._url.replace('http', 'ws', 1)}/cells/1/channel", additional_headers={"Cookie": cookies}
        )

        def beat() -> None:
            with socket:
                while not over.wait(0.25):
                    try:
                        socket.send(json.dumps({"act": "heartbeat", "token": token}))
                    except WebSocketException:
                        return

        beating = threading.Thread(target=beat)
        beating.start()
        try:
            yield
        finally:
            over.set()
            beating.join()


@pytest.fixture
def ada_and_ben(database: Database, port: int) -> Iterator[tuple[Operator, Operator]]:
    ada, ben = (Operator(f"http://127.0.0.1:{port}", database, name) for name in ("Ada", "Ben"))
    with ada.browser, ben.browser:
        yield ada, ben


def test_an_attended_arm_survives_whatever_dies(
    studio: Studio, database: Database, ada_and_ben: tuple[Operator, Operator]
) -> None:
    owed = _owe_demonstration(database)
    ada, ben = ada_and_ben
    studio.start("web")
    studio.start("cell")
    ada.sign_in()
    ben.sign_in()
    state = _until(database, lambda state: state["waiting"] is not None)
    assert "starts as soon as somebody takes the arm" in state["note"]

    # Two take the arm at the same moment.
    answers = _at_once(lambda: ada.ask("take", page="a"), lambda: ben.ask("take", page="b"))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    holder, other = (ada, ben) if answers[0].status_code == 200 else (ben, ada)
    token = next(answer.json()["token"] for answer in answers if answer.status_code == 200)

    # The web process dies while the arm moves.
    with holder.signs_of_life(token):
        _until(database, lambda state: holder.attends(token, state) and state["moving"])
        studio.kill("web")
        state = _until(database, lambda state: state["motion"] == "held" and state["held_at_s"])
        assert "Nobody's page answers" in state["note"]
    assert _status(database, owed) == "recording"

    # Somebody else takes the arm; what the old page still asks for is refused.
    studio.start("web")
    ada.sign_in()
    ben.sign_in()
    new = other.ask("take", page="c").json()["token"]
    assert new > token
    for act in ("go_on", "release", "recover"):
        refused = holder.ask(act, token=token)
        assert refused.status_code == 409
        assert "holds the arm now" in refused.json()["error"]

    # The cell dies while it is stopped: it comes back stopped.
    with other.signs_of_life(new):
        assert holder.ask("stop", press="p1").json()["motion"] == "stopped"
    _until_written(database, "stopped")
    studio.kill("cell")
    studio.start("cell")
    state = _until(database, lambda state: state["motion"] == "stopped")
    last = other.ask("take", page="c").json()["token"]
    assert last > new, "tokens go on counting"
    with other.signs_of_life(last):
        assert other.ask("recover", token=last).status_code == 200
        _until(database, lambda state: other.attends(last, state) and _status(database, owed) == "recorded")
        with database.reading() as session:
            assert session.scalars(select(Demonstration.id)).all() == [owed]
            kinds = list(session.scalars(select(CellEvent.kind).order_by(CellEvent.id)))
    assert [kind for kind in kinds if kind in ("hold", "stop", "recovered")] == ["hold", "stop", "recovered"]


def _at_once(*acts: Callable[[], httpx.Response]) -> list[httpx.Response]:
    together = threading.Barrier(len(acts))
    answers: dict[int, httpx.Response] = {}

    def run(number: int, act: Callable[[], httpx.Response]) -> None:
        together.wait()
        answers[number] = act()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(acts)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return [answers[number] for number in range(len(acts))]


def _until(database: Database, holds: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
    """The cell's own state, without the web process, once it is so."""
    deadline = time.monotonic() + WAIT_S
    state: dict[str, Any] = {}
    while time.monotonic() < deadline:
        with database.reading() as session:
            cell = session.get_one(Cell, 1)
            url, key = cell.service_url, cell.service_key or ""
        try:
            state = httpx.get(f"{url}/state", headers={KEY_HEADER: key}, trust_env=False).json()
            if holds(state):
                return state
        except (httpx.HTTPError, httpx.UnsupportedProtocol, KeyError):
            pass  # it starts
        time.sleep(0.02)
    raise AssertionError(f"the cell never came so far; it is {state}")


def _until_written(database: Database, motion: str) -> None:
    deadline = time.monotonic() + WAIT_S
    while time.monotonic() < deadline:
        with database.reading() as session:
            if session.get_one(Cell, 1).motion == motion:
                return
        time.sleep(0.02)
    raise AssertionError(f"nobody wrote that the cell is {motion}")


def _status(database: Database, demonstration_id: int) -> str:
    with database.reading() as session:
        return session.get_one(Demonstration, demonstration_id).status


def _owe_demonstration(database: Database) -> int:
    jobs = Jobs(database.engine)
    config = RefinementConfig(iterations=1)
    with database.transaction() as session:
        author = ensure_user(session, "Ada", "operator")
        cell = Cell(name="north", robot="simulated")
        session.add(cell)
        session.flush()
        experiment = Experiment(
            name="attended",
            task="scooping",
            method=config.method,
            seed=0,
            iterations=1,
            trials_per_region=1,
            layout_seed=0,
            settings=asdict(config),
            cell_id=cell.id,
            created_by_id=author.id,
        )
        place = get_task("scooping").layout(1, 0, 0)[0]
        region = Region(index=place.index, name=place.name, split="train", x_m=place.x_m, y_m=place.y_m)
        experiment.regions = [region]
        session.add(experiment)
        session.flush()
        owed = Demonstration(region_id=region.id, take=1, source="teacher", created_by_id=author.id)
        session.add(owed)
        session.flush()
        jobs.record_demonstrations(session, cell, [owed.id])
        owed_id = owed.id
    jobs.close()
    return owed_id
