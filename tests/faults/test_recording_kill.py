"""The cell is killed while a hand leads its arm: the board offers what was recorded."""

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select

from app.accounts.service import ensure_user
from app.demonstrations.models import Motion
from app.demonstrations.motions import recording_of
from app.demonstrations.repository import DemonstrationRepository
from app.demonstrations.salvage import new_recording_path, offer_cut_off, recording_header
from app.demonstrations.schemas import view_board
from app.experiments.models import Experiment, Region
from app.platform.database import Database
from app.platform.migration import migrate
from hndp_core.data.artefact_store import ArtefactStore
from tests.app.seeded_experiment import seed_experiment

pytestmark = pytest.mark.faults

SECONDS = (0.6, 1.1)

RECORD = """
import json, sys, time
from pathlib import Path
import numpy as np
from hndp_core.data.episode_file import EpisodeHeader
from hndp_core.data.episode_log import EpisodeLog
from hndp_core.data.episode_sampling import record_episode
began = time.monotonic()
def read_joints():
    now = time.monotonic() - began
    print(now, flush=True)
    return np.full(7, now)
with EpisodeLog(Path(sys.argv[1]), EpisodeHeader(**json.loads(sys.argv[2]))) as log:
    record_episode(read_joints, 50.0, log, lambda: False, 60.0)
"""


@pytest.fixture
def store(tmp_path: Path) -> ArtefactStore:
    return ArtefactStore(tmp_path / "artefacts")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'hndp.sqlite3'}")
    migrate(database)
    yield database
    database.close()


def _killed_recording(path: Path, header: dict[str, object], seconds: float) -> list[float]:
    """Kill a process that records into a file; return the times at which it sampled."""
    command = [sys.executable, "-c", RECORD, str(path), json.dumps(header)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        taken = [float(process.stdout.readline())]
        while taken[-1] - taken[0] < seconds:
            taken.append(float(process.stdout.readline()))
        process.send_signal(signal.SIGKILL)
        return taken + [float(line) for line in process.stdout if line.endswith("\n")]


def test_killed_recording_is_offered_but_for_less_than_its_last_second(
    database: Database, store: ArtefactStore, tmp_path: Path
) -> None:
    folder = tmp_path / "recordings"
    with database.transaction() as session:
        user = ensure_user(session, "Operator", "operator")
        experiment_id = seed_experiment(
            session, store, user, iterations_done=0, demonstrated=0, train=2, held_out=1
        ).id
        regions = session.scalars(select(Region).where(Region.split == "train")).all()
        orders = [
            (new_recording_path(folder, each), asdict(recording_header(each, user, 50.0, None)))
            for each in regions
        ]
    taken = [_killed_recording(*order, seconds) for order, seconds in zip(orders, SECONDS, strict=True)]
    assert len(offer_cut_off(database, store, folder)) == 2
    with database.reading() as session:
        motions = session.scalars(select(Motion).order_by(Motion.region_id)).all()
        for motion, times in zip(motions, taken, strict=True):
            kept = recording_of(store, motion).joints[:, 0]
            np.testing.assert_array_equal(kept, times[: len(kept)])
            assert times[-1] - kept[-1] < 1.0
        shown = DemonstrationRepository(session).motions(experiment_id)
        board = view_board(session.get_one(Experiment, experiment_id), [], shown)
    titles = [each.title for each in board.motions]
    assert all(re.fullmatch(r"A recording was cut off after \d\.\d s", each) for each in titles)
