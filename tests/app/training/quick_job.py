"""Stands in for a training job: `QUICK_JOB` says whether it ends well, crashes, or goes on until killed."""

import json
import os
import sys
import time
from pathlib import Path

from app.training.specification import RESULT, JobSpecification

STEPS = 5

if __name__ == "__main__":
    folder, how = Path(sys.argv[1]), os.environ.get("QUICK_JOB", "ends")
    kind = JobSpecification.read(folder).kind
    (folder / "pid").write_text(str(os.getpid()))
    done = 0
    while done < STEPS or how == "endless":
        done = min(done + 1, STEPS)
        print(
            json.dumps({"done": done, "total": STEPS, "at": done, "losses": {"loss": 1 / done}}), flush=True
        )
        time.sleep(0.01)
    print("a line of the log", file=sys.stderr)
    if how == "crashes":
        print("RuntimeError: the loss is not finite", file=sys.stderr)
        raise SystemExit(3)
    (folder / RESULT).write_bytes(f"weights of {kind}".encode())
