"""The same refinement without an app, a database or a crash: `python -m tests.faults.undisturbed FOLDER`."""

import sys
from pathlib import Path

from hndp_core.experiments.headless_run import HeadlessRun, run
from hndp_core.hierarchy import RefinementConfig

TRAIN, HELD_OUT, SEED = 2, 1, 0
CONFIG = RefinementConfig(
    iterations=2,
    local_steps=1000,
    global_steps=80,
    batch_size=6,
    pretrain_images=12,
    pretrain_steps=30,
    threads=1,
)

if __name__ == "__main__":
    run(
        HeadlessRun(config=CONFIG, seed=SEED, regions=TRAIN, held_out=HELD_OUT),
        Path(sys.argv[1]),
        processes=1,
    )
