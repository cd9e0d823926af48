"""A real web server and the system's Chromium, signed in; an error on the page's console fails a test."""

import shutil
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import BrowserContext, ConsoleMessage, Page

from app.accounts.models import User
from app.accounts.service import ensure_user, issue_sign_in_token
from app.main import create_app
from app.platform.database import Database
from app.platform.durable import Jobs
from app.platform.migration import migrate
from app.platform.settings import Settings
from hndp_core.data.artefact_store import ArtefactStore

from ..app.seeded_experiment import seed_experiment
from ..served_studio import served_studio

CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
START_S = 10.0
SERVED_SOON_MS = 20_000
REPLACED = ("htmx:sendAbort", "htmx:afterRequest")
"""What htmx reports of a request that a newer one replaced; a failed one is reported by other names too."""


@dataclass(frozen=True)
class Studio:
    """A running studio without worker and cell: jobs are asked for, and nobody does them."""

    url: str
    settings: Settings
    database: Database
    user: User

    @property
    def artefacts(self) -> ArtefactStore:
        return self.settings.artefacts

    def seed(self, **plan: Any) -> int:
        """Store an experiment as `seed_experiment` makes it, with the job it asks for; return its id."""
        jobs = Jobs(self.database.engine)
        with self.database.transaction() as session:
            experiment = seed_experiment(session, self.artefacts, session.merge(self.user), **plan)
            if experiment.status != "draft":
                jobs.start_refinement(session, experiment.id)
        jobs.close()
        return experiment.id

    def sign_in_link(self) -> str:
        with self.database.transaction() as session:
            token = issue_sign_in_token(session, session.merge(self.user), valid_minutes=5)
        return f"{self.url}/sign-in?token={token}"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
    # Last: a browser leaves its event loop running in this thread, in which DBOS' own calls then refuse.
    items.sort(key=lambda item: here in item.path.parents)


@pytest.fixture(scope="session")
def base_url() -> None:
    """Tests name whole addresses; the plugin's own fixture of this name is written in a deprecated way."""


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database file that each studio gets a copy of."""
    file = tmp_path_factory.mktemp("template") / "template.sqlite3"
    database = Database(f"sqlite:///{file}")
    migrate(database)
    database.close()
    return file


@pytest.fixture
def studio(empty_database: Path, tmp_path: Path) -> Iterator[Studio]:
    """A studio of this test alone, served on a free port."""
    shutil.copy(empty_database, tmp_path / "hndp.sqlite3")
    settings = Settings(
        _env_file=None,  # pyright: ignore[reportCallIssue]
        data_dir=tmp_path,
        session_key="for tests only",
    )
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(
        uvicorn.Config(create_app(settings), log_level="warning", timeout_graceful_shutdown=1)
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    database = Database(settings.resolved_database_url)
    with database.transaction() as session:
        user = ensure_user(session, "Operator", "researcher")
    deadline = time.monotonic() + START_S
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.01)
    yield Studio(f"http://127.0.0.1:{listener.getsockname()[1]}", settings, database, user)
    server.should_exit = True
    thread.join(START_S)
    database.close()
    listener.close()


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    return {**browser_type_launch_args, "executable_path": chromium, "args": CHROMIUM_OPTIONS}


@pytest.fixture
def console_errors() -> list[str]:
    """What the page complained about; a test that provokes an error takes it out."""
    return []


def note_complaints(page: Page, errors: list[str]) -> None:
    """Put whatever the page complains about from now on into `errors`."""

    def note(message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(REPLACED):
            errors.append(f"{message.text} ({message.location.get('url', '')})")

    page.on("console", note)
    page.on("pageerror", lambda error: errors.append(str(error)))


@pytest.fixture
def page(context: BrowserContext, studio: Studio, console_errors: list[str]) -> Iterator[Page]:
    """A page of the studio in which its operator is signed in."""
    context.set_default_timeout(10_000)
    page = context.new_page()
    page.goto(studio.sign_in_link(), wait_until="commit")

    note_complaints(page, console_errors)
    yield page
    page.close()
    assert not console_errors, console_errors


@pytest.fixture
def served_page(context: BrowserContext, tmp_path: Path, console_errors: list[str]) -> Iterator[Page]:
    """The first page behind the link that `hndp serve` prints, with cell and worker."""
    context.set_default_timeout(SERVED_SOON_MS)
    with served_studio(tmp_path, MUJOCO_GL="egl") as (_, link):
        page = context.new_page()
        note_complaints(page, console_errors)
        page.goto(link)
        yield page
        page.close()
    assert not console_errors, console_errors
