"""A training job: `python -m app.training.job FOLDER PARENT`. Reads staged files, writes result.safetensors.

It runs in a process of its own, so that a heavy computation can be stopped at any moment. Killed and
started again it goes on from its checkpoint and ends with the same bits. Progress goes to stdout, one JSON
object a line; everything else that is printed is the log.
"""

import ctypes
import os
import signal
import sys
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_NICENESS = 10
"""Pages and arms come first: a label must not wait for a processor that training keeps busy."""


def main(folder: Path, parent: int) -> None:
    """Do what the folder's specification asks, for as long as the worker `parent` lives."""
    die_with(parent)
    os.nice(_NICENESS)
    from app.training.training_steps import run  # takes seconds, in which the worker may die

    run(folder)


def die_with(parent: int) -> None:
    """Have the kernel kill this process when its parent dies; if that has happened already, end now."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        raise SystemExit("the worker is gone")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
