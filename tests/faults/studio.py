"""The studio's processes as a crash test sees them: started, killed, started again."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from sqlalchemy.orm import Session

from app.platform.database import Database

POLL_S = 0.03


class Studio:
    """Real web, worker and cell processes on one database."""

    def __init__(self, folder: Path, environment: dict[str, str], database: Database) -> None:
        self._folder = folder
        self._environment = {**os.environ, **environment}
        self._database = database
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, kind: str) -> None:
        with (self._folder / f"{kind}.log").open("ab") as log:
            command = [sys.executable, "-m", "app.cli", kind]
            self._processes[kind] = subprocess.Popen(command, env=self._environment, stdout=log, stderr=log)

    def kill(self, kind: str) -> None:
        """kill -9; the process and all its children must be gone."""
        process = self._processes.pop(kind)
        children = _children(process.pid)
        process.kill()
        process.wait()
        deadline = time.monotonic() + 5
        while any(_runs(child) for child in children):
            assert time.monotonic() < deadline, f"children of the {kind} outlived it"
            time.sleep(POLL_S)

    def stop(self, kind: str) -> float:
        """SIGTERM; return the seconds that it took."""
        process = self._processes.pop(kind)
        began = time.monotonic()
        process.terminate()
        process.wait(timeout=20)
        return time.monotonic() - began

    def kill_all(self) -> None:
        for process in self._processes.values():
            process.kill()
            process.wait()

    def wait_for(self, what: str, condition: Callable[[Session], bool], timeout_s: float = 180) -> None:
        deadline = time.monotonic() + timeout_s
        while True:
            with self._database.reading() as session:
                if condition(session):
                    return
            if time.monotonic() > deadline:
                raise AssertionError(f"{what} did not come in {timeout_s} s\n{self._logs()}")
            time.sleep(POLL_S)

    def _logs(self) -> str:
        return "\n".join(f"{each.name}: {each.read_text()[-2000:]}" for each in self._folder.glob("*.log"))


def _children(pid: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(FileNotFoundError):  # a thread may end meanwhile
            found += [int(each) for each in (task / "children").read_text().split()]
    return found


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat")
    return state.exists() and state.read_text().rsplit(")", 1)[1].split()[0] != "Z"
