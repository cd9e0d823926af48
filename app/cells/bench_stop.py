"""Bench: time from a press of "stop motion" until the first control step that holds the arm.

A real web process and a real cell serve the simulated arm at its real pace, while a training keeps a core
busy. Presses come at random moments of a motion, by the Esc key in Chromium and straight at the cell's own
service. Press and hold are read from one clock, the monotonic one of the machine. After each stop the arm is
sent home, and the recording that was stopped begins anew.
"""

import secrets
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import httpx
import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.accounts.service import ensure_user, issue_sign_in_token
from app.cells.cell_client import KEY_HEADER
from app.cells.models import Cell
from app.demonstrations.models import Demonstration
from app.experiments.models import Experiment, Region
from app.platform.bench_rig import browser_page, cell_process, training_beside, web_process
from app.platform.database import Database
from app.platform.durable import Jobs
from app.platform.migration import migrate
from app.platform.settings import Settings
from hndp_core.errors import HndpError
from hndp_core.experiments.bench.record import BenchRecord, Target, present_commit
from hndp_core.hierarchy import RefinementConfig
from hndp_core.tasks import get_task

TASK: Final = "scooping"
STOPS: Final = 200
LONGEST_LOOK_S: Final = 0.3
"""A press comes at a random moment of so long after a motion is seen."""

WAIT_S: Final = 30.0
_POLL_S: Final = 0.01
TARGETS: Final[dict[str, Target]] = {"browser_p99_ms": {"at_most": 100.0}, "api_p99_ms": {"at_most": 50.0}}


class NoMotion(HndpError):
    """The bench's arm does not do what was asked of it."""

    def __init__(self, what: str, state: dict[str, Any]) -> None:
        super().__init__(
            f"The bench waited {WAIT_S:g} s for the arm to {what}, in vain; it is {state['motion']}: "
            f"{state['note']} Run it on a machine with less to do."
        )


@dataclass(frozen=True)
class _Rig:
    """The cell's own service, and the studio's pages of it."""

    cell: httpx.Client
    link: str
    page: str


def measure(stops: int = STOPS) -> BenchRecord:
    """Stop the arm by key and by the cell's service, so often each.

    Raises:
        MissingBrowser: Chromium or playwright is not installed.
        NoMotion: the arm does not move, hold or go home.
    """
    chance = np.random.default_rng(0)
    with tempfile.TemporaryDirectory(prefix="hndp-bench-") as folder, _rig(Path(folder)) as rig:
        with training_beside(), browser_page() as page:
            page.goto(rig.link)
            page.goto(rig.page)
            page.wait_for_selector('[data-stop-bar][data-motion="ready"]')

            def press_escape() -> None:
                page.keyboard.press("Escape")

            browser_ms = [_stop_once(rig, press_escape, chance) for _ in range(stops)]
        with training_beside():
            api_ms = [_stop_once(rig, lambda: _ask(rig, "/stop"), chance) for _ in range(stops)]
    figures = {"stops": float(stops), **_figures("browser", browser_ms), **_figures("api", api_ms)}
    return BenchRecord("stop", present_commit(), figures, TARGETS)


def _figures(name: str, times_ms: list[float]) -> dict[str, float]:
    return {
        f"{name}_p99_ms": float(np.percentile(times_ms, 99)),
        f"{name}_p50_ms": float(np.percentile(times_ms, 50)),
        f"{name}_max_ms": max(times_ms),
    }


def _stop_once(rig: _Rig, press: Callable[[], Any], chance: np.random.Generator) -> float:
    """Let the arm move, stop it, send it home; return the milliseconds from press to hold."""
    _until(rig, "move", lambda state: state["motion"] == "ready" and state["moving"])
    time.sleep(float(chance.uniform(0, LONGEST_LOOK_S)))
    pressed_s = time.monotonic()
    press()
    state = _until(rig, "hold", lambda state: state["held_at_s"] is not None)
    _ask(rig, "/recover")
    _until(rig, "go home", lambda state: state["motion"] == "ready")
    return (state["held_at_s"] - pressed_s) * 1000


def _ask(rig: _Rig, path: str) -> None:
    asked = {"user_id": 1, "name": "Operator", "press": secrets.token_hex(8)}
    rig.cell.post(path, json=asked).raise_for_status()


def _until(rig: _Rig, what: str, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    deadline = time.monotonic() + WAIT_S
    while True:
        state = rig.cell.get("/state").json()
        if holds(state):
            return state
        if time.monotonic() > deadline:
            raise NoMotion(what, state)
        time.sleep(_POLL_S)


@contextmanager
def _rig(folder: Path) -> Iterator[_Rig]:
    """Web and cell over a database in which one demonstration is to be recorded."""
    settings = Settings(
        _env_file=None,  # pyright: ignore[reportCallIssue]
        data_dir=folder,
        database_url=f"sqlite:///{folder / 'hndp.sqlite3'}",
    )
    database = Database(settings.resolved_database_url)
    migrate(database)
    jobs = Jobs(database.engine)
    with database.transaction() as session:
        user = ensure_user(session, "Operator", "operator")
        cell = _owe_demonstration(session, user, settings.cell_name, jobs)
        token = issue_sign_in_token(session, user, valid_minutes=60)
    jobs.close()
    try:
        with (
            web_process(settings) as url,
            cell_process(settings, SIMULATION_SPEED="1"),
            _service(database, cell) as client,
        ):
            yield _Rig(client, f"{url}/sign-in?token={token}", f"{url}/cells/{cell}")
    finally:
        database.close()


@contextmanager
def _service(database: Database, cell_id: int) -> Iterator[httpx.Client]:
    with database.reading() as session:
        cell = session.scalars(select(Cell).where(Cell.id == cell_id)).one()
        url, key = cell.service_url or "", cell.service_key or ""
    with httpx.Client(base_url=url, headers={KEY_HEADER: key}, timeout=WAIT_S, trust_env=False) as client:
        yield client


def _owe_demonstration(session: Session, user: User, cell_name: str, jobs: Jobs) -> int:
    cell = Cell(name=cell_name, robot="simulated")
    session.add(cell)
    session.flush()
    config = RefinementConfig(iterations=1)
    experiment = Experiment(
        name="stop bench",
        task=get_task(TASK).key,
        method=config.method,
        seed=0,
        iterations=1,
        trials_per_region=1,
        layout_seed=0,
        settings=asdict(config),
        cell_id=cell.id,
        created_by_id=user.id,
    )
    place = get_task(TASK).layout(1, 0, 0)[0]
    region = Region(index=place.index, name=place.name, split="train", x_m=place.x_m, y_m=place.y_m)
    experiment.regions = [region]
    session.add(experiment)
    session.flush()
    owed = Demonstration(region_id=region.id, take=1, source="teacher", created_by_id=user.id)
    session.add(owed)
    session.flush()
    jobs.record_demonstrations(session, cell, [owed.id])
    return cell.id
