"""Labels that are given while a trial's arm moves, in every order of events."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import pytest

from app.cells.lease import StaleLease
from app.cells.record_files import load_record
from app.platform.durable import Jobs
from app.platform.errors import AppError, Conflict
from app.platform.stopping import StopSignal
from app.training.outcome import DONE
from app.trials.execution import TrialRunner
from app.trials.live_labels import Judged, JudgedByAnother, LiveLabels, LiveTrial, NotBegun, NotExecuted
from app.trials.models import Trial
from app.trials.schemas import LabelAnswer, LabelForm
from tests.app.cells.conftest import HOME, STEPS, GreyArm, GreyScene, MeddledScene
from tests.app.cells.test_lease import BEN

WAIT_S = 20.0
OPERATOR = 1


class WatchedLabels(LiveLabels):
    """Lets a test see whether a label has come in."""

    live: LiveTrial

    @contextmanager
    def of(self, trial_id: int) -> Iterator[LiveTrial]:
        with super().of(trial_id) as live:
            self.live = live
            yield live


class Judge(threading.Thread):
    """Somebody whose press waits for its answer."""

    def __init__(self, labels: WatchedLabels, trial_id: int, outcome: str = "failure", **label) -> None:
        super().__init__(daemon=True)
        form = LabelForm(**{"outcome": outcome, "request_key": f"key-{outcome}", **label})
        self.labels, self.judged = labels, Judged(user_id=OPERATOR, trial_id=trial_id, label=form)
        self.answer: LabelAnswer | AppError | None = None

    def run(self) -> None:
        try:
            self.answer = self.labels.judge(self.judged)
        except AppError as refused:
            self.answer = refused

    def press(self) -> None:
        """Press, and see that it has arrived."""
        self.start()
        deadline = time.monotonic() + WAIT_S
        while self.labels.live.judged is None and time.monotonic() < deadline:
            time.sleep(0.002)

    def told(self) -> LabelAnswer | AppError | None:
        self.join(WAIT_S)
        return self.answer


@pytest.fixture
def make_runner(database, store) -> Callable[[GreyScene], TrialRunner]:
    def make(scene: GreyScene) -> TrialRunner:
        runner = TrialRunner(database, store, GreyArm(scene), StopSignal())
        runner.labels = WatchedLabels(Jobs(database.engine), runner._arm.guard)
        return runner

    return make


def test_a_label_ends_the_motion_and_is_stored_with_what_was_recorded(database, store, plan, make_runner):
    trial_id, step_id = plan(0.1)
    scene = MeddledScene(lambda: judge.press())
    runner = make_runner(scene)
    judge = Judge(runner.labels, trial_id)
    assert runner.run(trial_id, step_id, [trial_id]) == DONE
    answer = judge.told()
    assert isinstance(answer, LabelAnswer)
    assert (answer.trial_id, answer.outcome, answer.author) == (trial_id, "failure", "Operator")
    with database.reading() as session:
        trial = session.get_one(Trial, trial_id)
        assert (trial.status, trial.physics_success, trial.refusal) == ("executed", None, None)
        assert trial.cut_short_at_s == pytest.approx(STEPS // 2 / 50)
        assert [each.id for each in trial.labels] == [answer.event_id]
        record, _ = load_record(store, trial.artefact_key, "record", trial.sha256)
    assert (len(record["measured"]), len(record["time_s"]), len(record["commanded"])) == (30, 30, STEPS)
    assert store.exists(f"trials/{trial_id}/video.mp4")
    np.testing.assert_allclose(scene.joints(), HOME, atol=1e-6)


def test_a_trial_that_has_ended_by_itself_is_labelled_as_any_other(database, plan, make_runner):
    trial_id, step_id = plan(0.1)
    runner = make_runner(GreyScene())
    assert runner.run(trial_id, step_id, [trial_id]) == DONE
    judge = Judge(runner.labels, trial_id)
    judge.start()
    assert judge.told() is None
    with database.reading() as session:
        assert session.get_one(Trial, trial_id).cut_short_at_s is None


def test_a_label_that_comes_while_the_record_is_written_is_stored_with_it(
    database, store, plan, make_runner, monkeypatch
):
    trial_id, step_id = plan(0.1)
    runner = make_runner(GreyScene())
    judge = Judge(runner.labels, trial_id, "success")
    write = type(store).write

    def press_first(self, key: str, content: bytes):
        if not judge.is_alive() and judge.answer is None:
            judge.press()
        return write(self, key, content)

    monkeypatch.setattr(type(store), "write", press_first)
    assert runner.run(trial_id, step_id, [trial_id]) == DONE
    answer = judge.told()
    assert isinstance(answer, LabelAnswer)
    with database.reading() as session:
        trial = session.get_one(Trial, trial_id)
        assert (trial.cut_short_at_s, trial.physics_success) == (None, True)
        assert [each.outcome for each in trial.labels] == ["success"]


def test_a_label_that_comes_too_late_for_that_waits_until_it_can_be_given(plan, make_runner, monkeypatch):
    trial_id, step_id = plan(0.1)
    runner = make_runner(GreyScene())
    judge = Judge(runner.labels, trial_id)
    write = runner.labels.write

    def press_after(session, live) -> None:
        write(session, live)
        judge.start()

    monkeypatch.setattr(runner.labels, "write", press_after)
    assert runner.run(trial_id, step_id, [trial_id]) == DONE
    assert judge.told() is None


def test_a_stop_after_the_label_makes_both_void(database, plan, make_runner, monkeypatch):
    trial_id, step_id = plan(0.1)

    def press_and_stop() -> None:
        judge.press()
        runner._arm.guard.stop("Ada", OPERATOR, "press")

    runner = make_runner(MeddledScene(press_and_stop))
    guard = runner._arm.guard
    monkeypatch.setattr(
        guard, "wait_until_allowed", lambda *_: guard.forbids() and runner._arm.recover(None, OPERATOR)
    )
    judge = Judge(runner.labels, trial_id)
    assert runner.run(trial_id, step_id, [trial_id]) == DONE
    assert isinstance(judge.told(), NotExecuted)
    with database.reading() as session:
        trial = session.get_one(Trial, trial_id)
        assert (trial.cut_short_at_s, trial.labels) == (None, [])


def test_a_trial_that_has_not_moved_cannot_be_judged(plan, make_runner):
    trial_id, step_id = plan(0.1)
    refusals: list[type[Exception]] = []

    class EarlyScene(GreyScene):
        def reset(self, region, variation) -> None:
            super().reset(region, variation)
            with pytest.raises(NotBegun) as refused:
                runner.labels.judge(judge.judged)
            refusals.append(refused.type)

    runner = make_runner(EarlyScene())
    judge = Judge(runner.labels, trial_id)
    assert runner.run(trial_id, step_id, [trial_id]) == DONE
    assert refusals == [NotBegun]


def test_only_who_holds_the_arm_ends_its_motion_by_a_label(database, plan, make_runner):
    trial_id, step_id = plan(0.1)
    refusals: list[str] = []

    def press_without_the_arm() -> None:
        with pytest.raises(StaleLease) as refused:
            runner.labels.judge(judge.judged)
        refusals.append(refused.value.message)

    runner = make_runner(MeddledScene(press_without_the_arm))
    judge = Judge(runner.labels, trial_id)
    runner._arm.guard.take(BEN)
    assert runner.run(trial_id, step_id, [trial_id]) == DONE
    assert refusals == ["Ben holds the arm now: nothing was done. Take the arm on this page first."]
    with database.reading() as session:
        assert session.get_one(Trial, trial_id).cut_short_at_s is None


def test_a_label_that_is_refused_does_not_take_the_trial_with_it(database, plan, make_runner):
    trial_id, step_id = plan(0.1)
    runner = make_runner(MeddledScene(lambda: judge.press()))
    judge = Judge(runner.labels, trial_id, iteration=9)
    assert runner.run(trial_id, step_id, [trial_id]) == DONE
    refused = judge.told()
    assert isinstance(refused, Conflict)
    assert "belongs to iteration 1" in refused.message
    with database.reading() as session:
        trial = session.get_one(Trial, trial_id)
        assert (trial.status, trial.labels) == ("executed", [])
        assert trial.cut_short_at_s is not None


def test_of_two_who_judge_at_once_the_second_is_told(plan, make_runner, monkeypatch):
    trial_id, step_id = plan(0.1)
    arrived = threading.Semaphore(0)

    def press_both() -> None:
        for judge in (first, second):
            judge.start()
            assert arrived.acquire(timeout=WAIT_S)

    runner = make_runner(MeddledScene(press_both))
    monkeypatch.setattr(runner._arm.guard, "require_operator", lambda *_: arrived.release())
    first = Judge(runner.labels, trial_id, "failure")
    second = Judge(runner.labels, trial_id, "success")
    assert runner.run(trial_id, step_id, [trial_id]) == DONE
    assert isinstance(first.told(), LabelAnswer)
    assert isinstance(second.told(), JudgedByAnother)
