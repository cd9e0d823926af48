"""A whole experiment goes to another server and is the same there."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest
from sqlalchemy import func, select, text

from app.accounts.models import User
from app.accounts.service import ensure_user, issue_sign_in_token
from app.cells.models import Cell
from app.demonstrations.models import Demonstration
from app.experiments.models import Experiment
from app.platform.database import Database
from app.platform.durable import Jobs
from app.platform.errors import Conflict, Invalid
from app.platform.schema import metadata
from app.platform.settings import Settings
from app.training.models import Gate, Iteration, Step
from app.transfers.archive_layout import MANIFEST, UnusableArchive
from app.transfers.archive_restoring import restore_experiment
from app.transfers.archive_writing import write_archive
from app.transfers.belongings import belongings
from app.transfers.episodes import chosen_episodes, load_episode
from app.transfers.selection import Selection
from app.trials.models import LabelEvent, Trial
from app.trials.planning import plan_again
from hndp_core.data.artefact_store import ArtefactStore
from tests.app.seeded_experiment import seed_experiment

EVERYTHING = Selection(demonstrations=("accepted", "recorded"), purposes=("local", "gate", "held_out"))


class Server:
    """Another studio, with rows of its own, so that no id is the same."""

    def __init__(self, database: Database, store: ArtefactStore) -> None:
        self.database, self.store, self.jobs = database, store, Jobs(database.engine)

    def restore(self, file: Path, name: str | None = None) -> int:
        return restore_experiment(self.database, self.store, self.jobs, file, lambda *_: None, name)

    def counts(self) -> dict[str, int]:
        with self.database.reading() as session:
            tables = metadata.sorted_tables
            return {
                each.name: session.scalars(select(func.count()).select_from(each)).one() for each in tables
            }


@pytest.fixture
def other(database_url: str, template_database: str, tmp_path: Path) -> Iterator[Server]:
    if not template_database.startswith("sqlite"):
        pytest.skip("a second database is a file here")
    file = tmp_path / "other.sqlite3"
    shutil.copy(template_database.removeprefix("sqlite:///"), file)
    database = Database(f"sqlite:///{file}")
    with database.transaction() as session:
        for name in ("Operator", "Somebody else", "Third"):
            ensure_user(session, name, "operator")
        session.add(Cell(name="simulated", robot="franka"))
    server = Server(database, ArtefactStore(tmp_path / "other-artefacts"))
    yield server
    server.jobs.close()
    database.close()


def test_every_episode_is_the_same_there(
    database: Database,
    settings: Settings,
    experiment: Experiment,
    archive: Callable[[], Path],
    other: Server,
) -> None:
    restored = other.restore(archive())
    with database.reading() as here, other.database.reading() as there:
        rows = chosen_episodes(here, experiment.id, EVERYTHING)
        moved = chosen_episodes(there, restored, EVERYTHING)
        assert len(rows) == len(moved) > 0
        for old, new in zip(rows, moved, strict=True):
            before = load_episode(here, settings.artefacts, old)
            after = load_episode(there, other.store, new)
            assert all(
                before.arrays()[name].tobytes() == each.tobytes() for name, each in after.arrays().items()
            )
            assert (before.video, before.start_image) == (after.video, after.start_image)
            assert before.facts.label == after.facts.label
            assert before.facts.gate == after.facts.gate
            assert before.facts.gate_outdated == after.facts.gate_outdated
            assert before.facts.physics_success == after.facts.physics_success


def test_as_many_rows_come_as_went(
    database: Database, experiment: Experiment, archive: Callable[[], Path], other: Server
) -> None:
    restored = other.restore(archive())
    with database.reading() as here, other.database.reading() as there:
        before, after = (
            belongings(here, "experiments", [experiment.id]),
            belongings(there, "experiments", [restored]),
        )
    assert {name: len(each) for name, each in before.rows.items()} == {
        name: len(each) for name, each in after.rows.items()
    }


def test_authors_come_as_users_as_whom_nobody_signs_in(
    archive: Callable[[], Path], other: Server, user: User
) -> None:
    other.restore(archive())
    with other.database.transaction() as session:
        author = session.scalars(select(LabelEvent).limit(1)).one().author
        assert author.name == f"{user.name} (imported)"
        with pytest.raises(Invalid, match="nobody signs in"):
            issue_sign_in_token(session, author, valid_minutes=5)


def test_a_cell_of_the_same_name_with_another_robot_is_another_cell(
    archive: Callable[[], Path], other: Server
) -> None:
    restored = other.restore(archive())
    with other.database.reading() as session:
        cell = session.get_one(Experiment, restored).cell
        assert (cell.name, cell.robot) == ("simulated (imported)", "simulated")


def test_only_gates_that_were_outdated_are(
    database: Database, archive: Callable[[], Path], other: Server
) -> None:
    other.restore(archive())
    with other.database.reading() as session:
        gates = len(session.scalars(select(Gate)).all())
        rows = chosen_episodes(session, 1, Selection(demonstrations=(), purposes=("gate",)))
        facts = [load_episode(session, other.store, each).facts for each in rows]
    assert gates == 8
    assert {(each.region, each.iteration) for each in facts if each.gate_outdated} == {("T4", 1)}


def test_one_that_ran_is_paused_and_can_be_resumed(
    database: Database,
    settings: Settings,
    experiment: Experiment,
    archive: Callable[[], Path],
    other: Server,
) -> None:
    with database.transaction() as session:
        row = session.get_one(Experiment, experiment.id)
        row.status = "running"
        session.scalars(select(Step).order_by(Step.id.desc()).limit(1)).one().status = "running"
        trial = session.scalars(select(Trial).order_by(Trial.id.desc()).limit(1)).one()
        trial.status = "running"
        region = next(each for each in row.regions if each.split == "held_out")
        session.add(
            Demonstration(region_id=region.id, take=1, source="teacher", created_by_id=row.created_by_id)
        )
    restored = other.restore(archive())
    with other.database.reading() as session:
        assert session.get_one(Experiment, restored).status == "paused"
        assert session.scalars(select(Step.status).order_by(Step.id.desc()).limit(1)).one() == "pending"
        assert session.scalars(select(Trial).where(Trial.status == "planned")).one().artefact_key
        lost = session.scalars(select(Demonstration).where(Demonstration.status == "failed")).one()
        assert "redo it" in (lost.error or "")
        queued = session.execute(text("SELECT workflow_uuid, status FROM workflow_status")).all()
    assert [tuple(each) for each in queued] == [(f"refinement/{restored}", "ENQUEUED")]


def test_one_that_waits_for_its_last_labels_goes_on_waiting(
    database: Database, settings: Settings, user: User, other: Server, tmp_path: Path
) -> None:
    with database.transaction() as session:
        waiting = seed_experiment(
            session,
            settings.artefacts,
            user,
            iterations_done=2,
            planned_iterations=2,
            waiting_labels=2,
            train=2,
            held_out=1,
        )
        assert waiting.status == "running"
    file = tmp_path / "waiting.zip"
    write_archive(database, settings.artefacts, waiting.id, file, lambda *_: None)
    restored = other.restore(file)
    assert _stands(other, restored) == ("running", "waiting")
    with database.transaction() as session:
        trial = session.scalars(select(Trial).where(Trial.purpose == "gate")).all()[-1]
        plan_again(session, trial, trial.cell_id)
    file.unlink()
    write_archive(database, settings.artefacts, waiting.id, file, lambda *_: None)
    again = other.restore(file, name="With a trial to be run again")
    assert _stands(other, again) == ("paused", "pending")


def _stands(server: Server, experiment_id: int) -> tuple[str, str]:
    """Status of an experiment, and of its last step."""
    with server.database.reading() as session:
        steps = select(Step.status).join(Iteration).where(Iteration.experiment_id == experiment_id)
        last = session.scalars(steps.order_by(Step.id.desc()).limit(1)).one()
        return session.get_one(Experiment, experiment_id).status, last


def test_what_is_there_already_is_not_restored_twice(archive: Callable[[], Path], other: Server) -> None:
    file = archive()
    other.restore(file)
    before, artefacts = other.counts(), other.store.all_keys()
    with pytest.raises(Conflict, match="another name"):
        other.restore(file)
    assert (other.counts(), other.store.all_keys()) == (before, artefacts)
    other.restore(file, name="A second one")
    assert other.counts()["experiments"] == 2
    assert len(other.store.all_keys()) == 2 * len(artefacts)


def _changed(file: Path, name: str, change: Callable[[bytes], bytes]) -> Path:
    """The archive with another content of one of its files."""
    changed = file.with_name("changed.zip")
    with ZipFile(file) as old, ZipFile(changed, "w") as new:
        for each in old.infolist():
            content = old.read(each)
            new.writestr(each.filename, change(content) if each.filename == name else content)
    return changed


def _flip(content: bytes) -> bytes:
    return content[:-1] + bytes([content[-1] ^ 1])


def _newer(content: bytes) -> bytes:
    return json.dumps({**json.loads(content), "schema": "9999_from_the_future"}).encode()


def _newer_format(content: bytes) -> bytes:
    return json.dumps({**json.loads(content), "version": 2}).encode()


DAMAGES: list[tuple[str, Callable[[bytes], bytes], str]] = [
    ("rows/trials.jsonl", _flip, "damaged"),
    ("artefacts/demonstrations/2/video.mp4", _flip, "damaged"),
    (MANIFEST, _newer, "newer version"),
    (MANIFEST, _newer_format, "newer version"),
    (MANIFEST, lambda _: b"{}", "manifest"),
]


def test_a_damaged_or_newer_archive_changes_nothing(archive: Callable[[], Path], other: Server) -> None:
    before, file = other.counts(), archive()
    for name, change, says in DAMAGES:
        with pytest.raises(UnusableArchive, match=says):
            other.restore(_changed(file, name, change))
    with ZipFile(file, "a") as packed:
        packed.writestr("artefacts/../../etc/passwd", b"root")
    with pytest.raises(UnusableArchive, match="does not hold what"):
        other.restore(file)
    assert other.counts() == before
    assert other.store.all_keys() == []


def test_a_cut_off_archive_changes_nothing(archive: Callable[[], Path], other: Server) -> None:
    file = archive()
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    before = other.counts()
    with pytest.raises(UnusableArchive, match="whole"):
        other.restore(file)
    assert other.counts() == before


def test_a_failure_on_the_way_leaves_nothing_behind(
    archive: Callable[[], Path], other: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = other.counts()

    def fail(*_: object) -> None:
        raise OSError("the disk is gone")

    monkeypatch.setattr("app.transfers.archive_restoring.take_up", fail)
    with pytest.raises(OSError, match="gone"):
        other.restore(archive())
    assert other.counts() == before
    assert other.store.all_keys() == []


def test_an_archive_never_takes_the_place_of_a_file(
    database: Database, settings: Settings, experiment: Experiment, tmp_path: Path
) -> None:
    (tmp_path / "thesis.zip").write_text("mine")
    with pytest.raises(Conflict, match="new file"):
        write_archive(database, settings.artefacts, experiment.id, tmp_path / "thesis.zip", lambda *_: None)
    assert (tmp_path / "thesis.zip").read_text() == "mine"
