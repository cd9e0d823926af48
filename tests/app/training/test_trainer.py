"""A training step with a real subprocess, whose work is quick."""

import os
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import select

from app.experiments.models import Experiment
from app.platform.stopping import StopSignal
from app.training.job_process import JobProcess
from app.training.models import Policy
from app.training.outcome import CANCELLED, DONE, FAILED, PAUSED
from app.training.repository import get_step
from app.training.specification import DATASET, DEMONSTRATIONS, EXPERTS
from app.training.staging import Pinned, accepted_demonstrations, stage
from app.training.step_life import open_iteration, reopen
from app.training.trainer import Trainer
from hndp_core.hierarchy.datasets import RolloutSet
from tests.app.training.quick_loop import step_of


def quick_job(folder: Path) -> JobProcess:
    return JobProcess(folder, "tests.app.training.quick_job")


@pytest.fixture
def trainer(database, store, settings) -> Trainer:
    return Trainer(database, store, settings.data_dir / "work", StopSignal(), quick_job)


@pytest.fixture
def planned(database, make_experiment) -> tuple[int, int, Pinned]:
    """Experiment, its first local training step, and what is pinned."""
    experiment_id = make_experiment()
    with database.transaction() as session:
        steps = open_iteration(session, experiment_id, 1)
        pinned = Pinned(accepted_demonstrations(session, experiment_id), [])
    return experiment_id, steps["local_training"], pinned


def folders(settings) -> list[Path]:
    return list((settings.data_dir / "work" / "training").iterdir())


def test_the_result_is_stored_with_its_hash_and_never_made_twice(
    database, store, trainer, planned, settings, monkeypatch
):
    assert trainer.train(*planned) == DONE
    with database.reading() as session:
        policy = session.scalars(select(Policy)).one()
        assert (policy.kind, policy.sha256) == ("local", sha256(b"weights of local_training").hexdigest())
        assert store.read(policy.artefact_key, expected_sha256=policy.sha256) == b"weights of local_training"
        step = step_of(session, 1, "local_training")
        assert (step.status, step.done, step.total) == ("done", 5, 5)
        assert step.curve[-1] == {"at": 5, "loss": 0.2}
        assert step.log == "a line of the log\n"
    assert folders(settings) == []
    monkeypatch.setenv("QUICK_JOB", "crashes")
    assert trainer.train(*planned) == DONE


def test_a_crash_keeps_its_reason_and_its_log_and_a_retry_starts_anew(
    database, trainer, planned, settings, monkeypatch
):
    monkeypatch.setenv("QUICK_JOB", "crashes")
    assert trainer.train(*planned) == FAILED
    with database.transaction() as session:
        step = step_of(session, 1, "local_training")
        assert step.status == "failed"
        assert "ended with code 3: RuntimeError: the loss is not finite" in (step.error or "")
        assert "a line of the log" in (step.log or "")
        assert session.get_one(Experiment, planned[0]).status == "failed"
        assert session.scalars(select(Policy)).all() == []
        reopen(session, step.id, attempt=2)
    assert folders(settings) == []
    monkeypatch.setenv("QUICK_JOB", "ends")
    assert trainer.train(*planned) == DONE
    with database.reading() as session:
        step = step_of(session, 1, "local_training")
        assert (step.status, step.attempt, step.error) == ("done", 2, None)


@pytest.mark.parametrize(
    ("status", "outcome", "step_status"),
    [("paused", PAUSED, "pending"), ("cancelled", CANCELLED, "running")],
)
def test_pause_and_cancel_end_the_job(
    database, trainer, planned, settings, monkeypatch, wait_for, status, outcome, step_status
):
    monkeypatch.setenv("QUICK_JOB", "endless")
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(trainer.train, *planned)
        wait_for(lambda session: step_of(session, 1, "local_training").done > 0)
        job = int((folders(settings)[0] / "pid").read_text())
        with database.transaction() as session:
            session.get_one(Experiment, planned[0]).status = status
        assert running.result(timeout=10) == outcome
    with pytest.raises(ProcessLookupError):
        os.kill(job, 0)
    kept = status == "paused"  # its checkpoint is needed again
    assert bool(folders(settings)) == kept
    with database.reading() as session:
        assert step_of(session, 1, "local_training").status == step_status


def test_a_damaged_demonstration_stops_the_step_before_it_starts(database, store, trainer, planned):
    store.write("demonstrations/for-1/trajectory.npz", b"other bytes")
    assert trainer.train(*planned) == FAILED
    with database.reading() as session:
        assert "does not match its hash" in (step_of(session, 1, "local_training").error or "")


def test_a_paused_experiment_is_not_started(database, trainer, planned, settings):
    with database.transaction() as session:
        session.get_one(Experiment, planned[0]).status = "paused"
    assert trainer.train(*planned) == PAUSED
    assert not (settings.data_dir / "work").exists()


@pytest.mark.parametrize(("method", "iterations"), [("act", 1), ("hndp_same_images", 2)])
def test_what_no_rollout_feeds_is_staged_as_the_method_wants_it(
    database, store, make_experiment, tmp_path, method, iterations
):
    experiment_id = make_experiment(iterations=iterations, method=method)
    with database.transaction() as session:
        steps = open_iteration(session, experiment_id, iterations)
        pinned = Pinned(accepted_demonstrations(session, experiment_id), [])
        stage(session, store, get_step(session, steps["global_training"]), pinned, tmp_path)
    dataset = RolloutSet.from_bytes((tmp_path / DATASET).read_bytes())
    repeated = [] if method == "act" else [(1, 1), (2, 1), (1, 2), (2, 2)]
    assert list(zip(dataset.regions.tolist(), dataset.iterations.tolist(), strict=True)) == repeated
    assert not (tmp_path / EXPERTS).exists()


def test_inputs_are_staged_as_the_same_bytes_each_time(database, store, planned, tmp_path):
    for name in ("first", "second"):
        with database.reading() as session:
            stage(session, store, get_step(session, planned[1]), planned[2], tmp_path / name)
    files = sorted(each.name for each in (tmp_path / "first").iterdir())
    assert DEMONSTRATIONS in files
    assert DATASET not in files
    assert [(tmp_path / "first" / each).read_bytes() for each in files] == [
        (tmp_path / "second" / each).read_bytes() for each in files
    ]
