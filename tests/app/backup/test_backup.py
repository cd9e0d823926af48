"""A studio that runs is copied, and comes back as it was."""

import shutil
import threading
import time
import zipfile
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from app.accounts.models import User
from app.backup.backup import MANIFEST, NotEmpty, restore_backup, write_backup
from app.backup.container import Target, UnusableBackup
from app.backup.database_copy import SQLITE_FILE, CopyFailed
from app.platform.database import Database
from app.platform.settings import Settings
from app.trials.models import Trial
from tests.app.seeded_experiment import seed_experiment


@pytest.fixture(autouse=True)
def no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.fsync", lambda _descriptor: None)


@pytest.fixture
def studio(database: Database, settings: Settings, user: User) -> Settings:
    with database.transaction() as session:
        seed_experiment(
            session, settings.artefacts, user, iterations_done=1, planned_iterations=1, train=2, held_out=1
        )
    return settings


@pytest.fixture
def empty(tmp_path: Path, settings: Settings) -> Settings:
    """Another studio that holds nothing."""
    if not settings.resolved_database_url.startswith("sqlite"):
        pytest.skip("the other database is a file here; tests/app/backup/test_postgres.py has the other kind")
    return Settings(_env_file=None, data_dir=tmp_path / "elsewhere")  # pyright: ignore[reportCallIssue]


def _nothing(_done: int, _total: int) -> None:
    pass


@pytest.mark.parametrize("name", ["backup", "backup.zip"])
def test_a_backup_comes_back_as_it_was(studio: Settings, empty: Settings, tmp_path: Path, name: str) -> None:
    write_backup(studio, tmp_path / name, _nothing)
    restore_backup(empty, tmp_path / name, _nothing)
    assert empty.artefacts.all_keys() == studio.artefacts.all_keys()
    for key in studio.artefacts.all_keys():
        assert empty.artefacts.read(key) == studio.artefacts.read(key)
    here, there = Database(studio.resolved_database_url), Database(empty.resolved_database_url)
    with here.reading() as before, there.reading() as after:
        for table in (
            "trials",
            "label_events",
            "gates",
            "demonstrations",
            "alembic_version",
            "workflow_status",
        ):
            query = text(f"SELECT * FROM {table}")
            assert after.execute(query).all() == before.execute(query).all()
    here.close()
    there.close()


def test_a_backup_beside_a_writer_is_one_state_of_the_studio(
    studio: Settings, empty: Settings, tmp_path: Path, database: Database
) -> None:
    """The writer adds pairs of users in one transaction: half a pair is no state that there ever was."""
    stop, written = threading.Event(), 0

    def write() -> None:
        nonlocal written
        while not stop.is_set():
            with database.transaction() as session:
                session.add(User(name=f"left {written}", role="operator"))
                session.flush()
                session.add(User(name=f"right {written}", role="operator"))
            written += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        while written < 5:
            time.sleep(0.01)
        before = written
        write_backup(studio, tmp_path / "backup", _nothing)
    finally:
        stop.set()
        writer.join()
    restore_backup(empty, tmp_path / "backup", _nothing)
    restored = Database(empty.resolved_database_url)
    with restored.reading() as session:
        count = select(func.count()).select_from(User)
        left = session.scalars(count.where(User.name.like("left %"))).one()
        right = session.scalars(count.where(User.name.like("right %"))).one()
        assert session.execute(text("PRAGMA foreign_key_check")).all() == []
        for folder in session.scalars(select(Trial.artefact_key).where(Trial.status == "executed")):
            assert empty.artefacts.exists(f"{folder}/record.npz")
    restored.close()
    assert left == right >= before


def test_a_restored_studio_goes_on(studio: Settings, empty: Settings, tmp_path: Path) -> None:
    write_backup(studio, tmp_path / "backup", _nothing)
    restore_backup(empty, tmp_path / "backup", _nothing)
    restored = Database(empty.resolved_database_url)
    with restored.transaction() as session:
        session.add(User(name="Somebody new", role="operator"))
    restored.close()
    write_backup(empty, tmp_path / "second", _nothing)


def _damage(backup: Path, name: str) -> None:
    file = backup / name
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(bytes(content))


def test_what_is_damaged_replaces_nothing(studio: Settings, empty: Settings, tmp_path: Path) -> None:
    whole = tmp_path / "backup"
    write_backup(studio, whole, _nothing)
    for name in (SQLITE_FILE, "artefacts/trials/1/video.mp4"):
        broken = tmp_path / "broken"
        shutil.copytree(whole, broken)
        _damage(broken, name)
        with pytest.raises(UnusableBackup, match=f"{name} in the backup is damaged"):
            restore_backup(empty, broken, _nothing)
        (broken / name).unlink()
        with pytest.raises(UnusableBackup, match=name):
            restore_backup(empty, broken, _nothing)
        shutil.rmtree(broken)
    (whole / MANIFEST).write_text((whole / MANIFEST).read_text().replace("hndp-backup", "something"))
    with pytest.raises(UnusableBackup):
        restore_backup(empty, whole, _nothing)
    assert not empty.data_dir.exists() or list(empty.data_dir.rglob("*")) == []


def test_a_cut_off_file_replaces_nothing(studio: Settings, empty: Settings, tmp_path: Path) -> None:
    file = tmp_path / "backup.zip"
    write_backup(studio, file, _nothing)
    assert zipfile.is_zipfile(file)
    file.write_bytes(file.read_bytes()[:-2000])
    with pytest.raises(UnusableBackup):
        restore_backup(empty, file, _nothing)
    assert empty.artefacts.all_keys() == []


def test_a_studio_that_is_there_is_left_alone(studio: Settings, tmp_path: Path) -> None:
    write_backup(studio, tmp_path / "backup", _nothing)
    with pytest.raises(NotEmpty, match="HNDP_DATA_DIR"):
        restore_backup(studio, tmp_path / "backup", _nothing)


def test_a_failed_restoration_leaves_no_studio(
    studio: Settings, empty: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_backup(studio, tmp_path / "backup", _nothing)

    def fail(*_: object) -> None:
        raise CopyFailed("the disk is gone")

    monkeypatch.setattr("app.backup.backup.put_back", fail)
    with pytest.raises(CopyFailed):
        restore_backup(empty, tmp_path / "backup", _nothing)
    assert empty.artefacts.all_keys() == []


def test_a_backup_never_takes_the_place_of_something(studio: Settings, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("mine")
    for target in (tmp_path / "mine", tmp_path / "mine" / "thesis.txt"):
        with pytest.raises(Target):
            write_backup(studio, target, _nothing)
    assert [each.name for each in (tmp_path / "mine").iterdir()] == ["thesis.txt"]


def test_a_backup_of_another_kind_of_database_is_refused(
    studio: Settings, empty: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_backup(studio, tmp_path / "backup", _nothing)
    monkeypatch.setattr("app.backup.backup.is_empty", lambda _url: True)
    other = empty.model_copy(update={"database_url": "postgresql://hndp@127.0.0.1:1/hndp"})
    with pytest.raises(CopyFailed, match="SQLite"):
        restore_backup(other, tmp_path / "backup", _nothing)
    assert other.artefacts.all_keys() == []


def test_missing_tools_of_postgresql_are_named(
    studio: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from app.backup.database_copy import copy_database

    monkeypatch.setattr("shutil.which", lambda _tool: None)
    with pytest.raises(CopyFailed, match="postgresql-client"):
        copy_database("postgresql://hndp@127.0.0.1/hndp", tmp_path)
