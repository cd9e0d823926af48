"""The web process: Uvicorn around `app.main`, stopped in time even while pages hold streams open."""

import gc
import signal
import socket
from typing import Final

import uvicorn

from app.main import create_app
from app.platform.database import Database
from app.platform.heartbeat import Heartbeat
from app.platform.listening import port_of
from app.platform.migration import require_current
from app.platform.settings import Settings
from app.platform.thread_priority import go_first

GRACE_S: Final = 2
"""Time that open requests get at a stop; live streams and pictures would otherwise hold it up for ever."""


def run_web(settings: Settings, listener: socket.socket) -> None:
    """Serve until SIGINT or SIGTERM.

    Raises:
        StartUpError: the database does not fit the code, or a web process of this name runs already.
    """
    database = Database(settings.resolved_database_url)
    require_current(database)
    heartbeat = Heartbeat(database, "web", f"web-{socket.gethostname()}-{port_of(listener)}"[:80])
    heartbeat.start()
    config = uvicorn.Config(
        create_app(settings),
        log_level="warning",
        access_log=False,  # it would write one-time tokens down
        timeout_graceful_shutdown=GRACE_S,
        server_header=False,
    )
    for number in (signal.SIGINT, signal.SIGTERM):
        # Uvicorn raises it once more after its orderly stop, which must not cut off what follows here.
        signal.signal(number, lambda *_: None)
    go_first()
    gc.collect()
    gc.freeze()  # what is loaded once and for all is not looked through again while somebody waits for a page
    try:
        uvicorn.Server(config).run(sockets=[listener])
    finally:
        heartbeat.stop()
        database.close()
