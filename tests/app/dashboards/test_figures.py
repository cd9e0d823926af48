"""The figures' data: points, gates that are outdated, trajectories as they were stored, and counts."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from app.dashboards.facts import PAUSE_S, facts, median_label_s, training_figure
from app.dashboards.motion_repository import MotionRepository
from app.dashboards.number_table import NumberTable
from app.dashboards.outcome_map import outcome_map
from app.dashboards.repository import DashboardRepository
from app.dashboards.spread_figure import credit_figure, motion_figure
from app.dashboards.success_figure import success_figure
from app.dashboards.trajectory_figure import trajectory_figure
from app.experiments.models import Experiment
from app.platform.database import Database
from app.platform.errors import NotFound
from app.platform.settings import Settings
from app.training.label_snapshot import label_hash
from app.training.models import Gate, Iteration
from app.trials.models import LabelEvent, Trial
from hndp_core.data.trajectory import unpack_arrays

from .conftest import Seed


@pytest.fixture
def finished(seeded: Seed) -> Experiment:
    return seeded(iterations_done=2, planned_iterations=2)


def trajectories(database: Database, settings: Settings, experiment: Experiment, **choice: Any):
    with database.reading() as session:
        return trajectory_figure(
            DashboardRepository(session, experiment.id),
            settings.artefacts,
            **{"region_id": None, "iteration": None, "unit": "rad", **choice},
        )


def test_waiting_trials_are_counted_apart(database: Database, seeded: Seed) -> None:
    experiment = seeded(iterations_done=1, waiting_labels=3, waiting_held_out=10)
    with database.reading() as session:
        train, held_out = success_figure(DashboardRepository(session, experiment.id)).series
    assert (train.points[0].trials, train.points[0].unlabelled) == (15, 3)
    point = held_out.points[0]
    assert (point.rate, point.trials, point.unlabelled, point.few) == (None, 0, 10, True)
    assert (point.low, point.high) == (0.0, 1.0)


def test_map_has_a_cell_for_each_region_and_iteration(database: Database, finished: Experiment) -> None:
    with database.reading() as session:
        figure = outcome_map(DashboardRepository(session, finished.id))
    assert figure.iterations == [1, 2]
    assert [row.region for row in figure.rows] == [f"T{n}" for n in range(1, 19)] + [
        f"H{n}" for n in range(1, 11)
    ]
    for row in figure.rows:
        for cell in row.cells:
            assert len(cell.trials) == 1
            assert (cell.gate is not None) == row.gated == (row.split == "train")
            assert cell.trials[0].author == "Operator"


def test_an_only_iteration_shows_no_gates(database: Database, seeded: Seed) -> None:
    single = seeded(iterations_done=1, planned_iterations=1, train=4, held_out=2)
    with database.reading() as session:
        rows = outcome_map(DashboardRepository(session, single.id)).rows
    assert not any(row.gated or cell.gate is not None for row in rows for cell in row.cells)


def test_without_local_policies_none_is_missing(
    database: Database, settings: Settings, finished: Experiment
) -> None:
    with database.transaction() as session:
        session.get_one(Experiment, finished.id).method = "ndp"
        figure = trajectory_figure(
            DashboardRepository(session, finished.id),
            settings.artefacts,
            region_id=None,
            iteration=None,
            unit="rad",
        )
    assert [curve.source for curve in figure.curves] == ["demonstration", "global"]
    assert figure.missing == []


def test_a_gate_is_outdated_where_its_hash_is_not_that_of_its_labels(
    database: Database, finished: Experiment
) -> None:
    with database.reading() as session:
        figure = outcome_map(DashboardRepository(session, finished.id))
        stored = session.execute(
            select(Iteration.number, Gate.region_id, Gate.label_hash, Iteration.id).join(
                Iteration, Gate.iteration_id == Iteration.id
            )
        ).all()
        outdated = {
            (number, region)
            for number, region, made_from, iteration in stored
            if label_hash(session, iteration, region) != made_from
        }
    shown = {
        (cell.iteration, row.region_id) for row in figure.rows for cell in row.cells if cell.gate_outdated
    }
    assert shown == outdated == {(1, finished.regions[3].id)}


def test_trajectories_are_those_that_were_stored(
    database: Database, settings: Settings, finished: Experiment
) -> None:
    region = finished.regions[5]
    figure = trajectories(database, settings, finished, region_id=region.id, iteration=1)
    assert [curve.source for curve in figure.curves] == ["demonstration", "local", "global"]
    assert figure.missing == []
    with database.reading() as session:
        trial = session.scalars(
            select(Trial)
            .join(Iteration)
            .where(Iteration.number == 1, Trial.region_id == region.id, Trial.purpose == "gate")
            .order_by(Trial.attempt.desc())
        ).first()
    assert trial is not None
    assert figure.curves[2].href == f"/trials/{trial.id}"
    stored = unpack_arrays(settings.artefacts.read(f"{trial.artefact_key}/record.npz"))
    drawn = np.array(figure.curves[2].joints).T
    np.testing.assert_allclose(drawn[0], stored["start_joints"], atol=1e-6)
    np.testing.assert_allclose(drawn[1:], stored["commanded"], atol=1e-6)
    assert figure.curves[2].time_s[:3] == [0.0, 0.02, 0.04]


def test_degrees_are_radians_times_their_factor(
    database: Database, settings: Settings, finished: Experiment
) -> None:
    degrees, radians = (trajectories(database, settings, finished, unit=unit) for unit in ("deg", "rad"))
    for in_degrees, in_radians in zip(degrees.curves, radians.curves, strict=True):
        np.testing.assert_allclose(in_degrees.joints, np.degrees(in_radians.joints), atol=1e-3)


def test_held_out_regions_have_the_global_policy_alone(
    database: Database, settings: Settings, finished: Experiment
) -> None:
    figure = trajectories(database, settings, finished, region_id=finished.regions[18].id)
    assert figure.split == "held_out"
    assert [curve.source for curve in figure.curves] == ["global"]


def test_a_plan_that_was_refused_is_drawn_as_it_was_commanded(
    database: Database, settings: Settings, finished: Experiment
) -> None:
    refused = next(each for each in finished.regions if each.name == "H2")
    figure = trajectories(database, settings, finished, region_id=refused.id, iteration=1)
    assert len(figure.curves[0].time_s) == 351


def test_what_is_not_there_is_said(database: Database, settings: Settings, finished: Experiment) -> None:
    region = finished.regions[0]
    with database.reading() as session:
        lost = MotionRepository(session, finished.id).trial_in(region.id, 2, "local")
    assert lost is not None
    settings.artefacts.delete(f"{lost.folder}/record.npz")
    figure = trajectories(database, settings, finished, region_id=region.id)
    assert [curve.source for curve in figure.curves] == ["demonstration", "global"]
    assert figure.missing[0].startswith("Local policy: There is no artefact")
    with pytest.raises(NotFound, match="iteration 3"):
        trajectories(database, settings, finished, iteration=3)


def test_an_iteration_that_has_not_rolled_out_has_no_trajectories_yet(
    database: Database, settings: Settings, seeded: Seed
) -> None:
    experiment = seeded(iterations_done=1)
    figure = trajectories(database, settings, experiment)
    assert figure.iteration == 2
    assert [curve.source for curve in figure.curves] == ["demonstration"]
    assert figure.missing == ["Local policy: none in T1 yet.", "Global policy: none in T1 yet."]


def test_facts_of_a_finished_experiment(database: Database, finished: Experiment) -> None:
    with database.reading() as session:
        found = facts(DashboardRepository(session, finished.id))
        attempts = session.scalars(
            select(Trial.id).where(Trial.status == "executed", Trial.purpose != "local")
        ).all()
    assert (found.demonstrations, found.train_regions) == (18, 18)
    assert found.local_trials == 36
    assert found.labelled == 2 * 28
    assert found.run_again == len(attempts) - 2 * 28 > 0
    assert found.gate_trials + found.held_out_trials == len(attempts)
    assert found.gates == 18
    assert found.gates_of_iteration == 2


def test_training_times_of_a_finished_experiment(database: Database, finished: Experiment) -> None:
    with database.reading() as session:
        rows = training_figure(DashboardRepository(session, finished.id)).rows
    assert [each.pretraining_s is None for each in rows] == [False, True]
    for each in rows:
        assert each.local_training_s is not None
        assert each.global_training_s is not None
        assert each.total_s == pytest.approx(each.local_training_s + each.global_training_s)


@given(st.lists(st.floats(0.1, PAUSE_S), min_size=1, max_size=20), st.floats(PAUSE_S + 1, 1e6))
def test_pauses_and_other_people_are_no_label_time(gaps: list[float], pause: float) -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    labels = [(1, at)]
    for gap in gaps:
        at += timedelta(seconds=gap)
        labels.append((1, at))
    labels.append((1, at + timedelta(seconds=pause)))
    labels.append((2, at + timedelta(seconds=pause + 1)))
    assert median_label_s(labels) == pytest.approx(float(np.median(gaps)), abs=1e-5)


def test_spreads_are_those_of_the_trials_of_one_series(database: Database, finished: Experiment) -> None:
    with database.reading() as session:
        repository = DashboardRepository(session, finished.id)
        motion, credit = motion_figure(repository), credit_figure(repository)
        trials = repository.measured_trials()
    assert [panel.quantity for panel in motion.panels] == [
        "squared_jerk",
        "velocity_share",
        "acceleration_share",
    ]
    for panel in (*motion.panels, *credit.panels):
        assert [series.split for series in panel.series] == ["train", "held_out"]
        for series in panel.series:
            for point in series.points:
                purpose = {"train": "gate", "held_out": "held_out"}[series.split]
                values = [
                    value
                    for each in trials
                    if (each.iteration, each.purpose) == (point.iteration, purpose)
                    and (value := getattr(each, panel.quantity)) is not None
                ]
                assert (point.trials, point.least, point.greatest) == (len(values), min(values), max(values))
                assert point.median == pytest.approx(float(np.median(values)))
                assert point.few == (len(values) < 10)


def test_without_measures_a_spread_says_why_it_is_empty(database: Database, finished: Experiment) -> None:
    with database.transaction() as session:
        session.execute(update(Trial).values(squared_jerk=None, velocity_share=None, acceleration_share=None))
        figure = motion_figure(DashboardRepository(session, finished.id))
    assert figure.panels == []
    assert "No trial's motion" in figure.nothing


def test_no_label_time_below_two_labels() -> None:
    assert median_label_s([]) is None
    assert median_label_s([(1, datetime(2026, 1, 1, tzinfo=UTC))]) is None


def test_csv_never_starts_a_formula() -> None:
    table = NumberTable(("name", "x_m"), (("=cmd()", -0.1), (None, 1.0)))
    assert table.to_csv() == "name,x_m\n'=cmd(),-0.1\n,1.0\n"
    assert table.heads == ("name", "x [m]")


def test_state_changes_with_every_label(database: Database, seeded: Seed) -> None:
    experiment = seeded(iterations_done=1, waiting_labels=2)
    with database.transaction() as session:
        repository = DashboardRepository(session, experiment.id)
        before = repository.state()
        assert repository.state() == before
        waiting = next(each for each in repository.judged_trials() if each.state == "unlabelled")
        session.add(
            LabelEvent(
                trial_id=waiting.trial_id,
                author_id=experiment.created_by_id,
                outcome="success",
                request_key="one more",
            )
        )
        session.flush()
        assert repository.state() != before
