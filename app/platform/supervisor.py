"""`hndp serve`: web, worker and cell on one machine, each restarted when it dies, all stopped together."""

import http.client
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from subprocess import Popen
from types import FrameType
from typing import Final

import structlog

from app.platform.child_process import start_child

POLL_S: Final = 0.05
STOP_S: Final = 8.0
"""Time that children get to stop; then they are killed. Durable jobs go on at the next start."""

FIRST_PAUSE_S: Final = 0.5
LONGEST_PAUSE_S: Final = 30.0
STEADY_S: Final = 20.0
"""A child that ran for so long has recovered: its next pause is the shortest again."""

CANNOT_START: Final = 2
"""Exit code of a command that has told why it cannot start: trying again at once would only repeat it."""

log = structlog.get_logger()


@dataclass(frozen=True)
class Service:
    """One child process.

    Attributes:
        name: "web", "worker" or "cell"
        command: arguments of `hndp`
        pass_fds: file descriptors that it inherits
    """

    name: str
    command: tuple[str, ...]
    pass_fds: tuple[int, ...] = ()


def restart_pause_s(failures: int, exit_code: int) -> float:
    """Seconds until a child that died is started again: doubled with each failure in a row."""
    if exit_code == CANNOT_START:
        return LONGEST_PAUSE_S
    return min(FIRST_PAUSE_S * 2 ** (failures - 1), LONGEST_PAUSE_S)


class SupervisedProcess:
    """A service's process through all its restarts."""

    def __init__(self, service: Service, environment: Mapping[str, str]) -> None:
        self._service = service
        self._environment = environment
        self._process: Popen[bytes] | None = None
        self._started_at = 0.0
        self._failures = 0
        self._start_at = 0.0

    def look(self, now: float) -> None:
        """Start the process if it is due; note its death if it has died."""
        if self._process is None:
            if now >= self._start_at:
                self._start(now)
            return
        exit_code = self._process.poll()
        if exit_code is None:
            return
        self._process = None
        self._failures = 1 if now - self._started_at > STEADY_S else self._failures + 1
        pause_s = restart_pause_s(self._failures, exit_code)
        self._start_at = now + pause_s
        log.warning(f"{self._service.name} ended, starting it again", exit_code=exit_code, in_seconds=pause_s)

    def _start(self, now: float) -> None:
        command = (sys.executable, "-m", "app.cli", *self._service.command)
        self._process = start_child(command, environment=self._environment, pass_fds=self._service.pass_fds)
        self._started_at = now

    def signal(self, number: int) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None


class Supervisor:
    """Keeps services running until SIGINT or SIGTERM.

    The first service comes alone; the others, which import far more, start once `first_is_ready` says so or
    `head_start_s` has passed, so that the page is there at once even on a small machine.
    """

    def __init__(self, services: Sequence[Service], environment: Mapping[str, str]) -> None:
        self._processes = [SupervisedProcess(service, environment) for service in services]
        self._stop_signals = 0
        self._woken = threading.Event()

    def run(
        self, first_is_ready: Callable[[], bool], on_ready: Callable[[], None], head_start_s: float = 6.0
    ) -> None:
        """Run until a signal asks to stop, then stop all children.

        Args:
            first_is_ready: asked often until it is true once
            on_ready: called once, when it is
            head_start_s: longest time that the first service runs alone
        """
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        begun = time.monotonic()
        ready = False
        try:
            while not self._stop_signals:
                now = time.monotonic()
                everyone = ready or now - begun > head_start_s
                for process in self._processes if everyone else self._processes[:1]:
                    process.look(now)
                if not ready and first_is_ready():
                    ready = True
                    on_ready()
                self._woken.wait(POLL_S)
        finally:
            self._stop()

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._stop_signals += 1
        self._woken.set()

    def _stop(self) -> None:
        """Ask all children to stop; kill those that have not after STOP_S, or at a second signal."""
        for process in self._processes:
            process.signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_S
        while any(process.alive for process in self._processes):
            if time.monotonic() > deadline or self._stop_signals > 1:
                for process in self._processes:
                    process.signal(signal.SIGKILL)
            time.sleep(POLL_S)


def answers(host: str, port: int, path: str = "/health") -> bool:
    """Whether a web server answers there with success, within a fifth of a second."""
    connection = http.client.HTTPConnection(host, port, timeout=0.2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
