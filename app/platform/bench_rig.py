"""What the benches of the app stand on: processes of the studio, a browser, and a training beside them."""

import os
import shutil
import socket
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from app.platform.child_process import start_child
from app.platform.listening import listen, port_of
from app.platform.settings import Settings
from app.platform.supervisor import answers
from hndp_core.errors import HndpError

if TYPE_CHECKING:
    from playwright.sync_api import Page

START_S: Final = 60.0
_OPTIONS: Final = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run")


class MissingBrowser(HndpError):
    """No browser to measure in."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"This bench needs Chromium and its driver ({reason}): run `make setup`, or install the "
            'system\'s chromium package and `pip install "hndp-studio[dev]"`.'
        )


class NoStart(HndpError):
    """A process of the studio that does not answer."""

    def __init__(self, what: str) -> None:
        super().__init__(f"hndp {what} did not start in {START_S:g} s: see what it printed above.")


@contextmanager
def web_process(settings: Settings, **changes: str) -> Iterator[str]:
    """A web process of its own on the settings' data folder, whose database is migrated; yields its address.
    `changes` are further settings, without HNDP_.

    Raises:
        NoStart: it does not answer.
    """
    with listen("127.0.0.1", 0, "HNDP_PORT") as listener:
        port, handle = port_of(listener), listener.fileno()
        command = ("web", "--listener-fd", str(handle))
        environment = _environment(settings, {"PORT": str(port), **changes})
        with _process(command, environment, lambda: answers("127.0.0.1", port), (handle,)):
            yield f"http://127.0.0.1:{port}"


@contextmanager
def cell_process(settings: Settings, **changes: str) -> Iterator[None]:
    """A cell of its own on the settings' data folder; `changes` are further settings, without HNDP_.

    Raises:
        NoStart: nobody listens on its port.
    """
    with listen("127.0.0.1", 0, "HNDP_CELL_PORT") as listener:
        port = port_of(listener)
    environment = _environment(settings, {"CELL_PORT": str(port), **changes})
    with _process(("cell",), environment, lambda: _listens(port)):
        yield


@contextmanager
def _process(
    command: Sequence[str],
    environment: Mapping[str, str],
    is_ready: Callable[[], bool],
    handles: Sequence[int] = (),
) -> Iterator[None]:
    process = start_child(
        (sys.executable, "-m", "app.cli", *command), environment=environment, pass_fds=handles
    )
    try:
        deadline = time.monotonic() + START_S
        while not is_ready():
            if time.monotonic() > deadline or process.poll() is not None:
                raise NoStart(command[0])
            time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait()


@contextmanager
def training_beside() -> Iterator[None]:
    """A training on one core, for as long as the block lasts."""
    training = start_child((sys.executable, "-m", "app.trials.bench_load"))
    try:
        yield
    finally:
        training.terminate()
        training.wait()


@contextmanager
def browser_page() -> Iterator["Page"]:
    """A page in the system's Chromium.

    Raises:
        MissingBrowser: it, or its driver, is not installed.
    """
    try:
        from playwright.sync_api import sync_playwright
    except ModuleNotFoundError as error:
        raise MissingBrowser("playwright is not installed") from error
    chromium: Any = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        raise MissingBrowser("there is no chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(_OPTIONS))
        try:
            yield browser.new_page(viewport={"width": 1280, "height": 860})
        finally:
            browser.close()


def _listens(port: int) -> bool:
    with socket.socket() as caller:
        return caller.connect_ex(("127.0.0.1", port)) == 0


def _environment(settings: Settings, changes: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HNDP_")}
    own = {"DATA_DIR": str(settings.data_dir), **changes}
    return {**kept, **{f"HNDP_{name}": value for name, value in own.items()}}
