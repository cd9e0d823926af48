import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from app.cells.models import Process
from app.platform.database import Database
from app.platform.listening import listen, port_of
from app.platform.migration import migrate_settings
from app.platform.settings import Settings

WITH_ENDLESS_STREAM = """
import asyncio, socket, sys
from pathlib import Path
from starlette.responses import StreamingResponse
import app.platform.web_server as web_server
from app.accounts.current_user import permitted
from app.main import create_app
from app.platform.settings import Settings

async def endless():
    while True:
        yield b"tick"
        await asyncio.sleep(0.1)

def with_stream(settings):
    app = create_app(settings)
    app.dependency_overrides[permitted] = lambda: None
    app.add_api_route("/stream", lambda: StreamingResponse(endless()), response_model=None)
    return app

web_server.create_app = with_stream
web_server.run_web(Settings(data_dir=Path(sys.argv[1])), socket.socket(fileno=int(sys.argv[2])))
"""


@pytest.mark.faults
def test_open_stream_does_not_hold_up_the_stop(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    migrate_settings(settings)
    with listen("127.0.0.1", 0, "HNDP_PORT") as listener:
        web = subprocess.Popen(
            [sys.executable, "-c", WITH_ENDLESS_STREAM, str(tmp_path), str(listener.fileno())],
            pass_fds=(listener.fileno(),),
            stderr=subprocess.DEVNULL,
        )
        with web:
            try:
                url = f"http://127.0.0.1:{port_of(listener)}/stream"
                with httpx.stream("GET", url, timeout=20) as stream:
                    assert next(stream.iter_bytes()) == b"tick"
                    web.send_signal(signal.SIGTERM)
                    assert web.wait(timeout=8) == 0
            finally:
                web.kill()
    database = Database(settings.resolved_database_url)
    with database.reading() as session:
        assert session.scalars(select(Process)).all() == [], "a clean stop signs off"
    database.close()
