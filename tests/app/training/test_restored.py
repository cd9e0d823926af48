"""A restored experiment that waits for its last labels needs no machine: they set the gates and end it."""

import pytest
from sqlalchemy import func, select

from app.sample.service import sample_archive
from app.training.models import Gate, Iteration
from app.training.repository import experiment_status
from app.transfers.archive_restoring import restore_experiment
from app.trials.models import LabelEvent, Trial
from tests.app.training.quick_loop import has_status


@pytest.fixture(autouse=True)
def no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.fsync", lambda _descriptor: None)


def test_the_last_labels_set_the_gates_and_end_it(database, store, jobs, wait_for, label):
    """No process here runs the jobs of the sample's cell."""
    restored = restore_experiment(database, store, jobs, sample_archive(), lambda *_: None)
    gates = select(func.count(Gate.id)).join(Iteration).where(Iteration.number == 3)
    unjudged = select(Trial).where(
        Trial.purpose.in_(("gate", "held_out")),
        ~select(LabelEvent).where(LabelEvent.trial_id == Trial.id).exists(),
    )
    with database.transaction() as session:
        assert experiment_status(session, restored) == "running"
        assert session.scalars(gates).one() == 0
        for trial in session.scalars(unjudged).all():
            jobs.label_arrived(session, restored, label(session, trial, "success"))
    wait_for(has_status(restored, "finished"))
    with database.reading() as session:
        assert session.scalars(gates).one() == 4
