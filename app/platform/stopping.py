"""How a process with durable jobs stops: what is under way is dropped, and goes on at the next start."""

import signal
import threading
from typing import NoReturn


class StopSignal:
    """Asked by SIGTERM or Ctrl-C; jobs look at it, let go of arm or subprocess, and park."""

    def __init__(self) -> None:
        self._asked = threading.Event()

    @property
    def asked(self) -> bool:
        return self._asked.is_set()

    def ask(self) -> None:
        self._asked.set()

    def listen(self) -> None:
        """Take SIGTERM and Ctrl-C as the request; to be called in the main thread."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.ask())

    def wait(self, timeout_s: float | None = None) -> bool:
        return self._asked.wait(timeout_s)

    def park(self) -> NoReturn:
        """Stay here until the process is gone, so that its interrupted job is recorded neither as done nor
        as failed.
        """
        while True:
            threading.Event().wait()
