from datetime import UTC, datetime, timedelta

import pytest

from app.experiments.models import Experiment
from app.training.forecast import Forecast
from app.training.models import Iteration, Step
from app.training.time_line import next_act, plan_kinds, view_iterations, view_present

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def make_experiment(status: str = "running", iterations: int = 2, **settings) -> Experiment:
    return Experiment(id=1, name="E", status=status, iterations=iterations, settings=settings)


def make_step(
    kind: str, status: str, *, began_s: float | None = None, took_s: float | None = None, **progress
) -> Step:
    """A step that began so many seconds ago and, if it is done, took so long."""
    step = Step(kind=kind, position=0, status=status, done=0, total=0, curve=[], error=None)
    if began_s is not None:
        began = NOW - timedelta(seconds=began_s)
        step.started_at = began
        step.finished_at = began + timedelta(seconds=took_s) if took_s is not None else None
    for name, value in progress.items():
        setattr(step, name, value)
    return step


def make_iteration(number: int, *steps: Step, finished: bool = False) -> Iteration:
    return Iteration(
        number=number,
        created_at=NOW - timedelta(seconds=600),
        finished_at=NOW - timedelta(seconds=300) if finished else None,
        steps=list(steps),
    )


def test_first_forecast_is_the_pace_so_far() -> None:
    step = make_step("local_training", "running", began_s=10, done=100, total=400)
    assert Forecast([make_iteration(1, step)]).step_left(step, NOW) == pytest.approx(30)


def test_nothing_is_forecast_from_nothing() -> None:
    step = make_step("local_training", "running", began_s=10, done=0, total=400)
    assert Forecast([make_iteration(1, step)]).step_left(step, NOW) is None


@pytest.mark.parametrize(("done", "left"), [(40, 18.0), (100, 30.0)])
def test_a_former_iteration_tells_more_until_the_pace_shows(done: int, left: float) -> None:
    former = make_step("local_training", "done", began_s=500, took_s=20, done=400, total=400)
    step = make_step("local_training", "running", began_s=10, done=done, total=400)
    forecast = Forecast([make_iteration(1, former, finished=True), make_iteration(2, step)])
    assert forecast.step_left(step, NOW) == pytest.approx(left)


def test_time_spent_paused_does_not_count_as_pace() -> None:
    former = make_step("local_training", "done", began_s=90_000, took_s=20, done=400, total=400)
    held = make_step("local_training", "pending", began_s=86_400, done=200, total=400)
    forecast = Forecast([make_iteration(1, former, finished=True), make_iteration(2, held)])
    assert forecast.step_left(held, NOW) == pytest.approx(10)


def test_plan_is_forecast_only_when_every_step_is_known() -> None:
    local = make_step("local_training", "done", began_s=500, took_s=20)
    labels = make_step("labelling", "waiting", began_s=400, done=1, total=4)
    begun = [make_iteration(1, local, labels)]
    forecast = Forecast(begun)
    assert forecast.plan_left(begun, [["local_training", "labelling"]], NOW) == pytest.approx(20)
    assert forecast.plan_left(begun, [["local_training", "gate_rollouts"]], NOW) is None


def test_rows_cover_the_whole_plan_with_a_hole_where_a_step_is_left_out() -> None:
    experiment = make_experiment(dataset_source="gate_rollouts")
    kinds = plan_kinds(experiment)
    assert "local_rollouts" not in kinds
    rows = view_iterations(experiment, [], NOW)
    assert [row.number for row in rows] == [1, 2]
    assert all(len(row.steps) == len(kinds) for row in rows)
    assert rows[0].steps[0] is not None
    assert rows[1].steps[0] is None, "pretraining is done once"


def test_present_is_the_first_step_that_is_not_done() -> None:
    done = make_step("pretraining", "done", began_s=100, took_s=50, done=600, total=600)
    running = make_step("local_training", "running", began_s=10, done=100, total=400)
    later = make_step("global_training", "pending")
    present = view_present(make_experiment(), [make_iteration(1, done, running, later)], [], {}, NOW)
    assert present.iteration == 1
    assert present.step is not None
    assert present.step.title == "Local training"
    assert present.step.progress == "100 of 400 training steps"
    assert present.step.time == "about 30 s left"


def test_present_of_a_finished_experiment_has_no_step() -> None:
    done = make_step("labelling", "done", began_s=100, took_s=50)
    present = view_present(make_experiment("finished"), [make_iteration(1, done, finished=True)], [], {}, NOW)
    assert present.step is None
    assert present.left == ""


@pytest.mark.parametrize(
    ("status", "missing", "waiting", "says"),
    [
        ("draft", ["T3"], {}, "Train region T3 still needs"),
        ("draft", [f"T{each}" for each in range(1, 9)], {}, "T6 and 2 more still need"),
        ("draft", [], {}, "Start the refinement"),
        ("running", [], {"gate": 0, "held_out": 2}, "2 trials wait for a label."),
        ("running", [], {"gate": 0, "held_out": 0}, "runs by itself"),
        ("paused", [], {"gate": 3}, "Resume to go on"),
        ("failed", [], {}, "then retry"),
        ("finished", [], {"held_out": 2}, "only measure"),
        ("finished", [], {}, "dashboard"),
        ("cancelled", [], {}, "is kept"),
    ],
)
def test_next_act_says_who_has_to_do_what(
    status: str, missing: list[str], waiting: dict[str, int], says: str
) -> None:
    assert says in next_act(make_experiment(status), missing, waiting, None)


@pytest.mark.parametrize(
    ("iteration", "done", "waiting", "says"),
    [
        (1, 3, {"gate": 1, "held_out": 0}, "1 trial waits for a label. The next iteration"),
        (1, 3, {"gate": 0, "held_out": 2}, "run again"),
        (1, 4, {"gate": 0, "held_out": 2}, "The gates are set in a few seconds"),
        (2, 3, {"gate": 1, "held_out": 1}, "2 trials wait for a label. The experiment is finished when"),
        (2, 3, {"gate": 0, "held_out": 1}, "1 trial waits for a label. The experiment is finished when"),
        (2, 4, {"gate": 0, "held_out": 0}, "The experiment is finished in a few seconds"),
    ],
)
def test_labelling_says_what_it_holds_up(
    iteration: int, done: int, waiting: dict[str, int], says: str
) -> None:
    step = make_step("labelling", "waiting", began_s=60, done=done, total=4)
    make_iteration(iteration, step)
    assert says in next_act(make_experiment(iterations=2), [], waiting, step)


def test_a_single_iteration_promises_no_next_one() -> None:
    explained = [
        [step.explanation for step in row.steps if step is not None]
        for iterations in (1, 2)
        for row in view_iterations(make_experiment(iterations=iterations), [], NOW)[:1]
    ]
    single, several = (" ".join(each) for each in explained)
    assert "next iteration" in several
    assert "gates" in several
    assert "next iteration" not in single
    assert "gates" not in single
