import os
import threading

import pytest

from app.platform.thread_priority import NICENESS, go_first


def niceness() -> int:
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


def in_a_thread(act) -> list[int]:
    found: list[int] = []
    thread = threading.Thread(target=lambda: found.extend(act()))
    thread.start()
    thread.join()
    return found


def test_what_a_hasty_thread_starts_is_in_no_haste() -> None:
    def act() -> list[int]:
        go_first()
        return [niceness(), *in_a_thread(lambda: [niceness()])]

    own, started = in_a_thread(act)
    if own == niceness():
        pytest.skip("this system lets no thread go first")
    assert own == NICENESS
    assert started >= 0


def test_a_system_that_does_not_allow_it_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "setpriority", refuse)
    before = niceness()
    assert in_a_thread(lambda: [go_first(), niceness()][1:]) == [before]
