"""What is kept no longer is told, then deleted, and nothing else."""

import os
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.accounts.models import User
from app.demonstrations.models import Demonstration, Motion, MotionTake
from app.experiments.models import Experiment
from app.platform.database import Database
from app.platform.durable import Jobs
from app.platform.model import now
from app.platform.settings import Settings
from app.platform.stopping import StopSignal
from app.retention.housekeeping import start_housekeeping
from app.retention.retention import Overdue, delete_overdue, find_overdue
from app.transfers.models import Transfer
from app.trials.models import Trial
from tests.app.seeded_experiment import seed_experiment


@pytest.fixture
def kept(settings: Settings) -> Settings:
    return settings.model_copy(
        update={"keep_binned_days": 30.0, "keep_cut_off_days": 30.0, "keep_local_video_days": 30.0}
    )


@pytest.fixture
def experiment(database: Database, settings: Settings, user: User) -> Experiment:
    """It has a binned demonstration, and local trials, of March."""
    with database.transaction() as session:
        return seed_experiment(
            session, settings.artefacts, user, iterations_done=1, planned_iterations=1, train=2, held_out=1
        )


def _overdue(database: Database, settings: Settings) -> Overdue:
    with database.reading() as session:
        return find_overdue(session, settings, now())


def test_for_ever_means_for_ever(database: Database, settings: Settings, experiment: Experiment) -> None:
    for_ever = settings.model_copy(
        update={"keep_binned_days": 0.0, "keep_cut_off_days": 0.0, "keep_local_video_days": 0.0}
    )
    assert _overdue(database, for_ever) == Overdue()


def test_binned_things_and_videos_nobody_labels_go_after_their_days(
    database: Database, kept: Settings, experiment: Experiment, jobs: Jobs
) -> None:
    overdue = _overdue(database, kept)
    assert len(overdue.demonstrations) == 1
    assert len(overdue.videos) == 2
    assert overdue.lines() == ["1 demonstrations from the bin", "2 videos of local trials"]
    delete_overdue(database, kept.artefacts, jobs, overdue)
    assert _overdue(database, kept) == Overdue()
    with database.reading() as session:
        assert session.scalars(select(Demonstration.status)).all() == ["accepted", "accepted"]
        trials = session.scalars(select(Trial)).all()
    for each in trials:
        assert kept.artefacts.exists(f"{each.artefact_key}/video.mp4") == (each.purpose != "local")
        assert kept.artefacts.exists(f"{each.artefact_key}/record.npz")


@pytest.mark.parametrize(("days", "goes"), [(29, False), (31, True)])
def test_an_experiment_goes_after_its_days_in_the_bin(
    database: Database, kept: Settings, experiment: Experiment, days: int, goes: bool, jobs: Jobs
) -> None:
    with database.transaction() as session:
        session.get_one(Experiment, experiment.id).binned_at = now() - timedelta(days=days)
    overdue = _overdue(database, kept)
    assert overdue.experiments == ((experiment.id,) if goes else ())
    delete_overdue(database, kept.artefacts, jobs, Overdue(experiments=overdue.experiments))
    with database.reading() as session:
        assert (session.get(Experiment, experiment.id) is None) == goes
    assert (kept.artefacts.all_keys() == []) == goes


def test_cut_off_recordings_go_and_others_stay(
    database: Database, kept: Settings, experiment: Experiment, user: User, jobs: Jobs
) -> None:
    old = now() - timedelta(days=31)
    motions = {
        "cut off and old": {"cut_off_s": 3.0, "created_at": old},
        "cut off and new": {"cut_off_s": 3.0},
        "whole and old": {"created_at": old},
        "binned and old": {"status": "binned", "binned_at": old},
        "binned and new": {"status": "binned", "binned_at": now()},
    }
    with database.transaction() as session:
        region = session.get_one(Experiment, experiment.id).regions[0]
        for name, columns in motions.items():
            session.add(
                Motion(
                    region_id=region.id,
                    source="guided",
                    name=name,
                    sha256="0" * 64,
                    created_by_id=user.id,
                    **columns,
                )
            )
    overdue = Overdue(motions=_overdue(database, kept).motions)
    delete_overdue(database, kept.artefacts, jobs, overdue)
    with database.reading() as session:
        left = set(session.scalars(select(Motion.name)))
    assert left == {"cut off and new", "whole and old", "binned and new"}


def test_recordings_that_could_not_be_offered_go_by_their_age(
    database: Database, kept: Settings, jobs: Jobs
) -> None:
    folder = kept.data_dir / "recordings" / "simulated"
    folder.mkdir(parents=True)
    old, new, under_way = (folder / name for name in ("a.not-offered", "b.not-offered", "c.episode"))
    for each in (old, new, under_way):
        each.touch()
    month_ago = (now() - timedelta(days=31)).timestamp()
    os.utime(old, (month_ago, month_ago))
    os.utime(under_way, (month_ago, month_ago))
    delete_overdue(database, kept.artefacts, jobs, _overdue(database, kept))
    assert sorted(each.name for each in folder.iterdir()) == ["b.not-offered", "c.episode"]


def test_exported_files_go_when_they_expire(
    database: Database, kept: Settings, user: User, jobs: Jobs
) -> None:
    kept.artefacts.write("transfers/1/old.zip", b"PK")
    with database.transaction() as session:
        for hours, key in ((-1, "transfers/1/old.zip"), (1, "transfers/2/new.zip")):
            session.add(
                Transfer(
                    kind="dataset",
                    status="done",
                    name="file.zip",
                    artefact_key=key,
                    created_by_id=user.id,
                    expires_at=now() + timedelta(hours=hours),
                )
            )
    delete_overdue(database, kept.artefacts, jobs, _overdue(database, kept))
    with database.reading() as session:
        keys = session.scalars(select(Transfer.artefact_key).order_by(Transfer.id)).all()
    assert keys == [None, "transfers/2/new.zip"]
    assert not kept.artefacts.exists("transfers/1/old.zip")


def test_a_worker_looks_by_itself(
    database: Database, kept: Settings, experiment: Experiment, jobs: Jobs
) -> None:
    stop = StopSignal()
    thread = start_housekeeping(database, kept, jobs, stop, first_s=0.0, period_s=0.01)
    for _ in range(500):
        if _overdue(database, kept) == Overdue():
            break
        thread.join(0.02)
    assert _overdue(database, kept) == Overdue()
    stop.ask()
    thread.join(10.0)
    assert not thread.is_alive()


def test_a_binned_take_goes_and_its_motion_stays(
    database: Database, kept: Settings, experiment: Experiment, user: User, jobs: Jobs
) -> None:
    with database.transaction() as session:
        take = session.scalars(select(Demonstration).where(Demonstration.status == "binned")).one()
        motion = Motion(
            region_id=take.region_id,
            source="guided",
            status="kept",
            name="by hand",
            sha256="0" * 64,
            created_by_id=user.id,
        )
        session.add(motion)
        session.flush()
        session.add(MotionTake(demonstration_id=take.id, motion_id=motion.id))
    delete_overdue(database, kept.artefacts, jobs, _overdue(database, kept))
    with database.reading() as session:
        assert session.scalars(select(MotionTake)).all() == []
        assert session.scalars(select(Motion.name)).all() == ["by hand"]
