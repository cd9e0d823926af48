"""Makes the sample anew: a whole refinement on the simulated arm, in a studio of its own.

    make sample

A simulated operator does all that people do, and judges as the physics says; the trials of some regions in
the last iteration are left to whoever loads the sample. Nothing is chosen afterwards: the same plan gives the
same trials.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZIP_DEFLATED, ZipFile

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.service import SIMULATED_OPERATOR, ensure_user
from app.cells.models import Cell
from app.demonstrations.models import Demonstration
from app.demonstrations.service import accept_all, record_owed
from app.experiments.models import Experiment
from app.experiments.resources import ExperimentPlan
from app.experiments.service import create_experiment, start
from app.platform.database import Database
from app.platform.durable import Jobs
from app.platform.logs import configure_logs
from app.platform.migration import migrate_settings
from app.platform.model import now
from app.platform.settings import Settings, load_settings
from app.retention.retention import delete_overdue, find_overdue
from app.sample.service import SAMPLE_FILE, SAMPLE_NAME
from app.training.models import Iteration, Step
from app.transfers.archive_writing import write_archive
from app.trials.labelling import label_trial
from app.trials.models import LabelEvent, Trial
from app.trials.schemas import LabelForm
from app.trials.waiting import LABELLED_PURPOSES

CELL = "simulated"
PLAN = ExperimentPlan.model_validate(
    {
        "name": SAMPLE_NAME,
        "task": "scooping@fewest",
        "cell": CELL,
        "held_out": 3,
        "iterations": 3,
        "settings": {
            "pretrain_images": 150,
            "pretrain_steps": 200,
            "global_steps": 20,
            "global_refinement_steps": 100,
            "global_refinement_learning_rate": 1e-3,
            "first_channels": 16,
            "second_channels": 16,
            "third_channels": 16,
            "basis": 20,
        },
    }
)
"""Small networks, for a small file, and trained so briefly at first that they fail in places: the iterations
after that have something to mend."""

LEFT = ("T1", "T3", "H1", "H3")
"""Regions whose trials of the last iteration are not judged: every other one."""

POLL_S = 0.5


def main() -> None:
    configure_logs()
    with TemporaryDirectory() as folder:
        settings = load_settings(data_dir=Path(folder), database_url="", artefact_url="", cell_name=CELL)
        migrate_settings(settings)
        database = Database(settings.resolved_database_url)
        with serving(settings), closing(database), closing(Jobs(database.engine)) as jobs:
            experiment_id = begin(database, jobs)
            judge_all(database, jobs, experiment_id)
            leave_out_local_films(database, jobs, settings)
            archive = Path(folder) / SAMPLE_FILE.name
            write_archive(database, settings.artefacts, experiment_id, archive, lambda *_: None)
        compress(archive, SAMPLE_FILE)
    print(f"{SAMPLE_FILE}: {SAMPLE_FILE.stat().st_size / 1e6:.1f} MB")


@contextmanager
def serving(settings: Settings) -> Iterator[None]:
    """A running studio, whose settings are these alone."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HNDP_")}
    environment |= {"HNDP_DATA_DIR": str(settings.data_dir), "HNDP_PORT": "0", "HNDP_CELL_NAME": CELL}
    serve = [sys.executable, "-m", "app.cli", "serve"]
    with subprocess.Popen(serve, env=environment, cwd=settings.data_dir) as process:
        try:
            yield
        finally:
            process.terminate()


def begin(database: Database, jobs: Jobs) -> int:
    """Make the experiment, let the teacher demonstrate, and start the refinement; return its number."""
    wait_until(database, lambda session: session.scalar(select(Cell.id)) is not None)
    with database.transaction() as session:
        operator = ensure_user(session, SIMULATED_OPERATOR, "simulated")
        experiment_id = create_experiment(session, operator, PLAN.read(), CELL).id
        owed = [each.id for each in record_owed(session, jobs, operator, experiment_id)]
    recorded = select(func.count()).where(Demonstration.id.in_(owed), Demonstration.status == "recorded")
    wait_until(database, lambda session: session.scalar(recorded) == len(owed))
    with database.transaction() as session:
        accept_all(session, experiment_id)
        start(session, jobs, experiment_id)
    return experiment_id


def judge_all(database: Database, jobs: Jobs, experiment_id: int) -> None:
    """Judge trials as they come, until only those wait that are left."""
    last = (
        select(Step)
        .join(Iteration)
        .where(Iteration.experiment_id == experiment_id, Iteration.number == PLAN.iterations)
        .where(Step.kind == "labelling", Step.status == "waiting", Step.done + len(LEFT) == Step.total)
    )

    def judged(session: Session) -> bool:
        judge(session, jobs, experiment_id)
        status = session.get_one(Experiment, experiment_id).status
        if status != "running":
            raise SystemExit(f"The experiment is {status}: see what the studio has printed.")
        return session.scalar(last) is not None

    wait_until(database, judged)


def judge(session: Session, jobs: Jobs, experiment_id: int) -> None:
    """Judge what waits and is not left, as the physics says."""
    operator = ensure_user(session, SIMULATED_OPERATOR, "simulated")
    waiting = (
        select(Trial)
        .join(Iteration)
        .where(Iteration.experiment_id == experiment_id, Trial.purpose.in_(LABELLED_PURPOSES))
        .where(
            Trial.status == "executed", ~select(LabelEvent).where(LabelEvent.trial_id == Trial.id).exists()
        )
    )
    for trial in session.scalars(waiting).all():
        if trial.iteration.number == PLAN.iterations and trial.region.name in LEFT:
            continue
        outcome = "success" if trial.physics_success else "failure"
        form = LabelForm(outcome=outcome, request_key=f"sample-{trial.id:06d}")
        label_trial(session, jobs, operator, trial.id, form)
        print(f"Iteration {trial.iteration.number}, {trial.region.name}: {outcome}", flush=True)


def leave_out_local_films(database: Database, jobs: Jobs, settings: Settings) -> None:
    """Keep the file small: nobody judges local trials, and a studio may be set to delete their films."""
    at_once = settings.model_copy(update={"keep_local_video_days": 1e-6})
    with database.reading() as session:
        overdue = find_overdue(session, at_once, now())
    delete_overdue(database, settings.artefacts, jobs, overdue)


def compress(archive: Path, file: Path) -> None:
    """Write the same archive smaller; in daily use that is not worth its time."""
    with ZipFile(archive) as stored, ZipFile(file, "w", ZIP_DEFLATED, compresslevel=9) as packed:
        for each in stored.infolist():
            packed.writestr(each, stored.read(each), ZIP_DEFLATED)


def wait_until(database: Database, holds: Callable[[Session], bool]) -> None:
    """Look again and again, in a transaction of its own."""
    while True:
        with database.transaction() as session:
            if holds(session):
                return
        time.sleep(POLL_S)


if __name__ == "__main__":
    main()
