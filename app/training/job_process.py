"""A training job as a subprocess, seen from the worker."""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from app.training.specification import LOG


class JobProcess:
    """Runs a module on a folder; leaving the `with` block leaves no process behind.

    Args:
        folder: staged files of the job
        module: run as `python -m MODULE FOLDER PARENT`
    """

    def __init__(self, folder: Path, module: str = "app.training.job") -> None:
        self._folder = folder
        self._module = module
        self._lines: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()

    def __enter__(self) -> Self:
        with (self._folder / LOG).open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", self._module, str(self._folder), str(os.getpid())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,  # Ctrl-C in a terminal reaches the worker, which decides
            )
        self._reader = threading.Thread(target=self._read, name="training job's progress", daemon=True)
        self._reader.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
        self._reader.join()
        assert self._process.stdout is not None
        self._process.stdout.close()

    def reports(self, wait_s: float) -> tuple[list[dict[str, Any]], bool]:
        """Progress that has come since the last call, after at most `wait_s` of waiting; and whether all has
        come.
        """
        reports: list[dict[str, Any]] = []
        try:
            report = self._lines.get(timeout=wait_s)
            while report is not None:
                reports.append(report)
                report = self._lines.get_nowait()
        except queue.Empty:
            return reports, False
        return reports, True

    def kill(self) -> None:
        """End the job at once, if it still runs; its checkpoint stays."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def exit_code(self) -> int:
        """Wait for the end and return how it was; negative for a signal."""
        return self._process.wait()

    def log(self) -> str:
        file = self._folder / LOG
        return file.read_text(errors="replace") if file.exists() else ""

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            try:
                report = json.loads(line)
            except ValueError:
                with (self._folder / LOG).open("ab") as log:
                    log.write(line)
                continue
            self._lines.put(report)
        self._lines.put(None)
