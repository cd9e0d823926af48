"""`hndp serve` as a person starts it: one command, real child processes, a printed link."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SERVE = [sys.executable, "-m", "app.cli", "serve"]
START_S = 60.0
POLL_S = 0.02


def environment(data_dir: Path, **changes: str) -> dict[str, str]:
    """This process's environment, without settings of another studio."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HNDP_")}
    return {**kept, "HNDP_DATA_DIR": str(data_dir), "HNDP_PORT": "0", "HNDP_CELL_PORT": "0", **changes}


@contextmanager
def served_studio(data_dir: Path, **settings: str) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A running `hndp serve` and its sign-in link; whatever happens, no process is left."""
    told = data_dir / "serve.log"  # a file: a pipe that nobody reads would fill and stop the studio
    with told.open("wb") as log:
        process = subprocess.Popen(SERVE, env=environment(data_dir, **settings), stdout=log)
    with process:
        try:
            yield process, _printed_link(process, told)
        finally:
            process.kill()


def _printed_link(process: subprocess.Popen[bytes], told: Path) -> str:
    deadline = time.monotonic() + START_S
    while not (link := re.search(r"(http://\S+/sign-in\?token=\S+)\n", told.read_text())):
        assert process.poll() is None, f"the studio ended early; it had printed: {told.read_text()}"
        assert time.monotonic() < deadline, f"no link after {START_S} s: {told.read_text()}"
        time.sleep(POLL_S)
    return link[1]
