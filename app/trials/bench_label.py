"""Bench: time from the key press that labels a trial until the next trial is on the screen, in Chromium.

The web process serves a database of 10,000 trials, while a training keeps a core busy. A trial is on the
screen when its card is visible, its first frame is loaded and its film has a picture; the time then ends with
the next frame that the browser paints.
"""

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import numpy as np
from sqlalchemy import func, select

from app.accounts.service import ensure_user, issue_sign_in_token
from app.platform.bench_rig import browser_page, training_beside, web_process
from app.platform.database import Database
from app.platform.durable import Jobs
from app.platform.migration import migrate
from app.platform.settings import Settings
from app.trials.bench_seed import seed_many_trials
from app.trials.models import LabelEvent

LABELS: Final = 200
LOOK_S: Final = 0.25
"""Time between a trial's appearance and its label: less than anybody needs to judge."""

STORED_S: Final = 10.0

WATCH: Final = """
(() => {
  window.shownAfterMs = [];
  window.untilShown = (count) => new Promise((resolve) => {
    const look = () => window.shownAfterMs.length >= count ? resolve() : requestAnimationFrame(look);
    look();
  });
  const shown = () => document.querySelector("[data-trial].trial-card:not([hidden])");
  const ready = (card) => card.querySelector("video").readyState >= 2
    && [...card.querySelectorAll("img")].every((image) => image.complete && image.naturalWidth > 0);
  addEventListener("keydown", (event) => {
    const before = shown()?.dataset.trial;
    const look = () => {
      const card = shown();
      if (card && card.dataset.trial !== before && ready(card)) {
        requestAnimationFrame(() => window.shownAfterMs.push(performance.now() - event.timeStamp));
      } else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  }, true);
})()
"""


def measure(labels: int = LABELS, look_s: float = LOOK_S) -> dict[str, float]:
    """Label trials by the S key and time each one.

    Returns:
        `label_to_next_p95_ms`, `label_to_next_p50_ms`, and the number of labels that were stored

    Raises:
        MissingBrowser: Chromium or playwright is not installed.
    """
    with tempfile.TemporaryDirectory(prefix="hndp-bench-") as folder, _studio(Path(folder)) as studio:
        database, link, experiment_id = studio
        before = _stored(database)
        with training_beside(), browser_page() as page:
            page.goto(link)
            page.goto(link.split("/sign-in")[0] + f"/experiments/{experiment_id}/label")
            page.wait_for_selector("[data-trial].trial-card:not([hidden])")
            page.evaluate(WATCH)
            for count in range(1, labels + 1):
                time.sleep(look_s)
                page.keyboard.press("s")
                page.evaluate("count => window.untilShown(count)", count)
            times = np.array(page.evaluate("window.shownAfterMs"))
            stored = _stored_since(database, before, labels)
        return {
            "label_to_next_p95_ms": float(np.percentile(times, 95)),
            "label_to_next_p50_ms": float(np.percentile(times, 50)),
            "labels": float(stored),
        }


def _stored(database: Database) -> int:
    with database.reading() as session:
        return session.scalars(select(func.count()).select_from(LabelEvent)).one()


def _stored_since(database: Database, before: int, expected: int) -> int:
    """Number of labels that were stored; the last ones may still be on their way for a moment."""
    deadline = time.monotonic() + STORED_S
    while (stored := _stored(database) - before) < expected and time.monotonic() < deadline:
        time.sleep(0.05)
    return stored


@contextmanager
def _studio(folder: Path) -> Iterator[tuple[Database, str, int]]:
    """A web process of its own over a database of many trials; a sign-in link, and the experiment's id."""
    settings = Settings(
        _env_file=None,  # pyright: ignore[reportCallIssue]
        data_dir=folder,
        database_url=f"sqlite:///{folder / 'hndp.sqlite3'}",
        artefact_url=str(folder / "artefacts"),
    )
    database = Database(settings.resolved_database_url)
    migrate(database)
    jobs = Jobs(database.engine)
    with database.transaction() as session:
        user = ensure_user(session, "Operator", "operator")
        experiment_id, _ = seed_many_trials(session, settings, user, jobs)
        token = issue_sign_in_token(session, user, valid_minutes=60)
    jobs.close()
    try:
        with web_process(settings) as url:
            yield database, f"{url}/sign-in?token={token}", experiment_id
    finally:
        database.close()
