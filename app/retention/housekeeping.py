"""The daily look for what is kept no longer, beside a worker's jobs."""

import threading
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from app.platform.database import Database
from app.platform.durable import Jobs
from app.platform.model import now
from app.platform.settings import Settings
from app.platform.stopping import StopSignal
from app.retention.retention import delete_overdue, find_overdue

FIRST_S: Final = 600.0
"""Not at once: who has set the days wrongly, and sees it in the log of the start, can still stop."""

PERIOD_S: Final = 24 * 3600.0

log = structlog.get_logger()


def start_housekeeping(
    database: Database,
    settings: Settings,
    jobs: Jobs,
    stop: StopSignal,
    first_s: float = FIRST_S,
    period_s: float = PERIOD_S,
) -> threading.Thread:
    """Look once a day, in a thread that ends with the process. Several workers may do so: what one has
    deleted, the next does not find.
    """

    def keep_house() -> None:
        wait_s = first_s
        while not stop.wait(wait_s):
            wait_s = period_s
            try:
                clean_up(database, settings, jobs)
            except (SQLAlchemyError, OSError) as error:
                log.warning("cleaning up failed, trying again tomorrow", error=str(error))

    thread = threading.Thread(target=keep_house, name="housekeeping", daemon=True)
    thread.start()
    return thread


def clean_up(database: Database, settings: Settings, jobs: Jobs) -> None:
    """Find and delete what is kept no longer."""
    with database.reading() as session:
        overdue = find_overdue(session, settings, now())
    for line in overdue.lines():
        log.info("deleting what is kept no longer", what=line)
    delete_overdue(database, settings.artefacts, jobs, overdue)
