"""Bench: how soon every dashboard answers with 100,000 trials and 300,000 label events in the database.

The real web process answers over HTTP, on SQLite and on PostgreSQL. Nothing is kept from one request for the
next, and before every request a label is stored, so that what is measured is the cost of an answer that is
right.
"""

import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import httpx
import numpy as np
from sqlalchemy import create_engine, func, make_url, select, text

from app.accounts.service import ensure_user, issue_sign_in_token
from app.dashboards.bench_seed import seed_dashboards
from app.platform.bench_rig import web_process
from app.platform.database import Database, make_engine
from app.platform.migration import migrate
from app.platform.model import now
from app.platform.settings import Settings
from app.trials.models import LabelEvent, Trial
from hndp_core.experiments.bench.record import BenchRecord, Target, present_commit

TRIALS: Final = 100_000
REQUESTS: Final = 40
"""Of each page, after the first, which fills no cache but that of the operating system."""

TARGETS: Final[dict[str, Target]] = {
    name: {"at_most": 200.0} for name in ("page_p95_ms_sqlite", "page_p95_ms_postgres", "api_p95_ms")
}
PAGES: Final = (
    "/dashboards",
    "/dashboards?sort=-held_out&arm=simulated",
    "/dashboards?days=90",
    "/dashboards/methods",
    "/dashboards/work",
    "/dashboards/work?days=365",
    "/dashboards/work?days=365&arm=simulated",
    "/experiments/{experiment}/dashboard",
)
ANSWERS: Final = (
    "/dashboards/experiments.json",
    "/dashboards/labels.json?days=365",
    "/dashboards/operators.json?days=365",
    "/dashboards/throughput.json?days=365",
    "/dashboards/up_time.json?days=365",
    "/dashboards/methods.json",
    "/experiments/{experiment}/dashboard/success.json",
    "/experiments/{experiment}/dashboard/outcomes.json",
    "/experiments/{experiment}/dashboard/motion.json",
    "/experiments/{experiment}/dashboard/credit.json",
    "/experiments/{experiment}/dashboard/training.json",
)


def measure(trials: int = TRIALS, database_url: str | None = None, requests: int = REQUESTS) -> BenchRecord:
    """Ask for every page and every figure's data; the slowest of them counts.

    Args:
        trials: in the database, each with three label events
        database_url: of a PostgreSQL server where databases may be created; None: SQLite alone is measured
        requests: of each page
    """
    figures: dict[str, float] = {}
    notes: dict[str, str] = {}
    with tempfile.TemporaryDirectory(prefix="hndp-bench-") as folder:
        sqlite = Path(folder) / "sqlite"
        sqlite.mkdir()
        _measure_on(
            "sqlite", f"sqlite:///{sqlite / 'hndp.sqlite3'}", sqlite, trials, requests, figures, notes
        )
        if database_url is not None:
            postgres = Path(folder) / "postgres"
            postgres.mkdir()
            with _own_database(database_url) as url:
                _measure_on("postgres", url, postgres, trials, requests, figures, notes)
    slowest = max((name for name in figures if name.startswith("api_")), key=lambda name: figures[name])
    figures["api_p95_ms"], notes["api_p95_ms"] = figures[slowest], notes[slowest]
    return BenchRecord("dashboards", present_commit(), figures, TARGETS, notes)


def _measure_on(
    kind: str,
    url: str,
    folder: Path,
    trials: int,
    requests: int,
    figures: dict[str, float],
    notes: dict[str, str],
) -> None:
    """Fill a database, serve it, and add what was measured."""
    settings = Settings(
        _env_file=None,  # pyright: ignore[reportCallIssue]
        data_dir=folder,
        database_url=url,
    )
    database = Database(url)
    try:
        migrate(database)
        began_s = time.monotonic()
        experiment, figures["trials"], figures["label_events"] = seed_dashboards(database, trials, now())
        _say(f"{kind}: {figures['trials']:.0f} trials stored in {time.monotonic() - began_s:.0f} s")
        with web_process(settings, DATABASE_URL=url) as address, _signed_in(database, address) as client:
            for what, paths in (("page", PAGES), ("api", ANSWERS)):
                timed = _time_all(client, database, paths, experiment, requests)
                worst = max(timed, key=lambda path: timed[path])
                figures[f"{what}_p95_ms_{kind}"], notes[f"{what}_p95_ms_{kind}"] = timed[worst], worst
    finally:
        database.close()


def _time_all(
    client: httpx.Client, database: Database, paths: Sequence[str], experiment: int, requests: int
) -> dict[str, float]:
    """95th percentile of the time of each path [ms], by path."""
    found = {}
    for path in paths:
        address = path.format(experiment=experiment)
        client.get(address).raise_for_status()
        times_ms = []
        for _ in range(requests):
            _store_a_label(database)
            began_s = time.perf_counter()
            client.get(address).raise_for_status()
            times_ms.append(1000 * (time.perf_counter() - began_s))
        found[path] = float(np.percentile(times_ms, 95))
        _say(f"  {path}: median {np.median(times_ms):.0f} ms, p95 {found[path]:.0f} ms")
    return found


def _store_a_label(database: Database) -> None:
    """Somebody judges the last trial once more."""
    with database.transaction() as session:
        trial = session.scalars(select(func.max(Trial.id))).one()
        author = ensure_user(session, "Operator 1", "operator")
        session.add(
            LabelEvent(trial_id=trial, author=author, outcome="success", request_key=uuid.uuid4().hex)
        )


@contextmanager
def _signed_in(database: Database, address: str) -> Iterator[httpx.Client]:
    with database.transaction() as session:
        user = ensure_user(session, "Reader", "researcher")
        token = issue_sign_in_token(session, user, valid_minutes=60)
    with httpx.Client(base_url=address, follow_redirects=True, timeout=60.0) as client:
        client.get(f"/sign-in?token={token}").raise_for_status()
        yield client


@contextmanager
def _own_database(server_url: str) -> Iterator[str]:
    """A database of its own on a PostgreSQL server, dropped in the end; yields its URL."""
    server = create_engine(make_engine(server_url).url, isolation_level="AUTOCOMMIT")
    name = f"bench_{uuid.uuid4().hex}"
    with server.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    try:
        yield make_url(server_url).set(database=name).render_as_string(hide_password=False)
    finally:
        with server.connect() as connection:
            connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
        server.dispose()


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)
