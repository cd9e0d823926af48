"""What the cell's process writes down."""

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from app.cells.journal import Journal
from app.cells.models import Cell, CellEvent

from ..audited import audited


@pytest.fixture
def cell_id(database) -> int:
    with database.transaction() as session:
        cell = Cell(name="north", robot="simulated")
        session.add(cell)
        session.flush()
        return cell.id


def test_tokens_go_on_counting_after_a_restart(database, cell_id):
    assert [Journal(database, cell_id).issue_token() for _ in range(3)] == [1, 2, 3]


def test_events_are_written_in_their_order_with_the_motion(database, cell_id, user):
    journal = Journal(database, cell_id)
    journal.report("taken", user.id, "")
    journal.report("stop", user.id, "while the arm went home")
    journal.write("stopped", "Operator stopped motion.")
    with database.reading() as session:
        events = session.scalars(select(CellEvent).order_by(CellEvent.id)).all()
        assert [(each.kind, each.user_id) for each in events] == [("taken", user.id), ("stop", user.id)]
        assert events[1].detail == "while the arm went home"
        cell = session.get_one(Cell, cell_id)
        assert (cell.motion, cell.motion_note) == ("stopped", "Operator stopped motion.")


def test_a_takeover_stands_in_the_audit_log_of_all(database, cell_id, user):
    journal = Journal(database, cell_id)
    journal.report("taken_over", user.id, "from Ben")
    journal.write("ready", "")
    assert audited(database, "took_over") == ["cell north: from Ben"]


def test_what_could_not_be_written_is_written_later(database, cell_id, user):
    journal = Journal(database, cell_id)
    with database.transaction() as session:
        session.execute(text("ALTER TABLE cell_events RENAME TO away"))
    journal.report("stop", user.id, "")
    journal.write("stopped", "")
    with database.transaction() as session:
        session.execute(text("ALTER TABLE away RENAME TO cell_events"))
    journal.write("stopped", "")
    with database.reading() as session:
        assert session.scalars(select(CellEvent.kind)).all() == ["stop"]


def test_a_journal_that_ends_leaves_nothing_unwritten(database, cell_id):
    journal = Journal(database, cell_id)
    journal.start(lambda: ("held", "Nobody's page answers."))
    journal.report("hold", None, "")
    journal.stop()
    with database.reading() as session:
        assert session.scalars(select(CellEvent.kind)).all() == ["hold"]
        assert session.get_one(Cell, cell_id).motion == "held"


@pytest.mark.parametrize("change", ["UPDATE cell_events SET kind = 'go_on'", "DELETE FROM cell_events"])
def test_the_audit_cannot_be_changed(database, cell_id, change):
    journal = Journal(database, cell_id)
    journal.report("hold", None, "")
    journal.write("held", "")
    with pytest.raises(IntegrityError, match="append-only"), database.transaction() as session:
        session.execute(text(change))
