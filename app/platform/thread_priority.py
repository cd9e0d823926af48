"""Threads on which somebody waits with a hand on the stop go before what computes for hours."""

import os
import threading
from contextlib import suppress
from typing import Final

NICENESS: Final = -10


def go_first() -> None:
    """Let the calling thread run before others of the machine, where the system allows it (root, CAP_SYS_NICE
    or a limit for nice in /etc/security/limits.conf); elsewhere nothing changes. What it starts does not
    inherit it: threads that draw pictures or query the database are in no such haste.
    """
    with suppress(PermissionError):
        os.sched_setscheduler(0, os.SCHED_OTHER | os.SCHED_RESET_ON_FORK, os.sched_param(0))
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
