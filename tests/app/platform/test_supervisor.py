"""The supervisor with real child processes, and `hndp serve` as a person meets it."""

import os
import re
import signal
import subprocess
import time
from pathlib import Path

import httpx
import pytest

from app.platform.listening import listen, port_of
from app.platform.supervisor import CANNOT_START, LONGEST_PAUSE_S, restart_pause_s
from tests.served_studio import SERVE, environment, served_studio


def children_of(pid: int) -> dict[str, int]:
    """Process ids of the running children by their command."""
    listed = subprocess.run(
        ["ps", "-o", "pid=,args=", "--ppid", str(pid)], capture_output=True, text=True, check=False
    )
    found = {}
    for line in listed.stdout.splitlines():
        number, *arguments = line.split()
        if "app.cli" in arguments:
            found[arguments[arguments.index("app.cli") + 1]] = int(number)
    return found


def wait_until(condition, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not (met := condition()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return met


def test_pauses_grow_and_have_an_end() -> None:
    pauses = [restart_pause_s(failures, exit_code=1) for failures in range(1, 12)]
    assert pauses[:3] == [0.5, 1.0, 2.0]
    assert pauses[-1] == LONGEST_PAUSE_S
    assert restart_pause_s(1, CANNOT_START) == LONGEST_PAUSE_S


@pytest.mark.faults
def test_studio_signs_in_restarts_the_dead_and_stops(tmp_path: Path) -> None:
    with served_studio(tmp_path) as (process, link), httpx.Client() as browser:
        assert browser.get(link).status_code == 303
        assert browser.get(link).status_code == 401, "each link works once"
        home = link.split("/sign-in")[0]

        web = children_of(process.pid)["web"]
        os.kill(web, signal.SIGKILL)
        assert wait_until(lambda: children_of(process.pid).get("web", web) != web, 10)
        assert browser.get(f"{home}/health", timeout=20).status_code == 200

        children = children_of(process.pid).values()
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=10) == 0
        assert not any(Path(f"/proc/{pid}").exists() for pid in children)


@pytest.mark.faults
def test_children_die_with_a_killed_supervisor(tmp_path: Path) -> None:
    with served_studio(tmp_path) as (process, _):
        assert wait_until(lambda: set(children_of(process.pid)) == {"web", "worker", "cell"}, 10)
        children = list(children_of(process.pid).values())
        process.kill()
        process.wait()
        assert wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in children), 10)


@pytest.mark.parametrize("variable", ["HNDP_PORT", "HNDP_CELL_PORT"])
def test_port_in_use_is_told_in_one_line(tmp_path: Path, variable: str) -> None:
    with listen("127.0.0.1", 0, variable) as taken:
        ended = subprocess.run(
            SERVE,
            env=environment(tmp_path, **{variable: str(port_of(taken))}),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert ended.returncode == CANNOT_START
    assert re.fullmatch(rf"hndp: Port \d+ on 127.0.0.1 is in use\..*{variable}=\d+\n", ended.stderr)
    assert not list(tmp_path.iterdir()), "nothing was made"
