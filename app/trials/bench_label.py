"""Bench: time from the key press that labels a trial until the next trial is on the screen, in Chromium.

The web process serves a database of 10,000 trials on the label page of all experiments, and a training keeps
a core busy. A trial is on the screen when its card is visible, its first frame is loaded and its film has a
picture; the time then ends with the next frame that the browser paints. Every third trial is a failure, and a
further key says why.
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

FAILS_EVERY: Final = 3
"""Each such trial is a failure, and says why."""

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
  performance.setResourceTimingBufferSize(10000);
  window.answeredAfterMs = (ending) => performance.getEntriesByType("resource")
    .filter((entry) => new URL(entry.name).pathname.endsWith(ending)).map((entry) => entry.duration);
  addEventListener("keydown", (event) => {
    if (!"sfi".includes(event.key)) return;
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
    """Label trials by keys and time each one.

    Returns:
        `key_to_next_p95_ms`, `key_to_next_p50_ms`; `label_answer_p95_ms` and `queue_answer_p95_ms`: until the
        studio has stored a label, and has told what waits next; and the number of labels that were stored

    Raises:
        MissingBrowser: Chromium or playwright is not installed.
    """
    with tempfile.TemporaryDirectory(prefix="hndp-bench-") as folder, _studio(Path(folder)) as studio:
        database, link = studio
        before = _stored(database)
        with training_beside(), browser_page() as page:
            page.goto(link)
            page.goto(link.split("/sign-in")[0] + "/label")
            page.wait_for_selector("[data-trial].trial-card:not([hidden])")
            page.evaluate(WATCH)
            for count in range(1, labels + 1):
                time.sleep(look_s)
                fails = count % FAILS_EVERY == 0
                page.keyboard.press("f" if fails else "s")
                page.evaluate("count => window.untilShown(count)", count)
                if fails:
                    page.keyboard.press("1")
            expected = labels + labels // FAILS_EVERY
            stored = _stored_since(database, before, expected)
            times = {
                "key_to_next": page.evaluate("window.shownAfterMs"),
                "label_answer": page.evaluate("window.answeredAfterMs('/labels')"),
                "queue_answer": page.evaluate("window.answeredAfterMs('/label/queue')"),
            }
        return {
            "key_to_next_p95_ms": float(np.percentile(times["key_to_next"], 95)),
            "key_to_next_p50_ms": float(np.percentile(times["key_to_next"], 50)),
            "label_answer_p95_ms": float(np.percentile(times["label_answer"], 95)),
            "queue_answer_p95_ms": float(np.percentile(times["queue_answer"], 95)),
            "label_events": float(stored),
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
def _studio(folder: Path) -> Iterator[tuple[Database, str]]:
    """A web process of its own over a database of many trials, and a sign-in link."""
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
        seed_many_trials(session, settings, user, jobs)
        token = issue_sign_in_token(session, user, valid_minutes=60)
    jobs.close()
    try:
        with web_process(settings) as url:
            yield database, f"{url}/sign-in?token={token}"
    finally:
        database.close()
