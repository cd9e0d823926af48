"""At the arm, in a real browser: a trial's scene is set, and the trial is judged while it runs."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.cells.lease import Lease
from app.cells.live_service import create_live_service
from app.cells.models import Cell
from app.platform.stopping import StopSignal
from app.trials.execution import TrialRunner
from app.trials.live_labels import offer_live_labels
from app.trials.models import LabelEvent, Trial
from tests.app.cells.conftest import (
    GreyArm,
    GreyScene,
    add_grey_policy,
    make_guard,
    plan_grey_trial,
    seed_grey_experiment,
    serve,
)

from .conftest import Studio

KEY = "a key"
SLOWLY = 0.2  # of real time: the motion takes six seconds


@dataclass(frozen=True)
class TrialAtCell:
    """A planned trial on an attended cell whose service runs."""

    id: int
    experiment_id: int
    arm: GreyArm
    job: threading.Thread

    def waits_for_scene(self) -> bool:
        return self.arm.scenes.state() is not None


@pytest.fixture
def trial(studio: Studio) -> Iterator[TrialAtCell]:
    database, store, stop = studio.database, studio.artefacts, StopSignal()
    experiment_id = seed_grey_experiment(database, attended=True, service_key=KEY)
    step_id = add_grey_policy(database, store, experiment_id, 0.1)
    trial_id = plan_grey_trial(database, step_id)
    never_silent = Lease(0, lambda: 0.0)
    arm = GreyArm(GreyScene(), make_guard(attended=True, lease=never_silent), SLOWLY)
    runner = TrialRunner(database, store, arm, stop)
    service = create_live_service(arm, KEY, stop)
    offer_live_labels(service, runner.labels)
    serving = serve(service)
    with database.transaction() as session:
        cell = session.scalars(select(Cell)).one()
        cell.service_url = next(serving)
    job = threading.Thread(target=runner.run, args=(trial_id, step_id, [trial_id]), daemon=True)
    job.start()
    yield TrialAtCell(trial_id, experiment_id, arm, job)
    stop.ask()
    next(serving, None)


def test_a_scene_is_set_and_its_trial_judged_while_the_arm_moves(
    page: Page, studio: Studio, trial: TrialAtCell
) -> None:
    page.goto(f"{studio.url}/experiments/{trial.experiment_id}/label", wait_until="commit")
    page.get_by_role("button", name="Take the arm").click()
    page.get_by_role("button", name="Set the scene").click()
    expect(page.get_by_role("heading", name="Set the scene of T1")).to_be_visible()
    reference = page.get_by_alt_text("Reference picture of the scene")
    expect(reference).to_have_js_property("naturalWidth", 640)
    page.get_by_role("slider").fill("0.25")
    assert reference.evaluate("picture => picture.style.opacity") == "0.25"
    expect(page.get_by_role("button", name="Matches: start")).to_be_enabled()
    page.get_by_role("button", name="Difference").press("Space")
    expect(reference).to_have_class("is-difference")
    assert trial.waits_for_scene(), "Space has pressed the button that has the focus"
    page.keyboard.press("m")

    expect(page.get_by_role("heading", name="Judge the gate trial in T1")).to_be_visible()
    page.keyboard.press("f")
    said = page.locator("[data-said]")
    expect(said).to_have_text("Gate trial in T1: failure, stored.")
    trial.job.join(20)
    with studio.database.reading() as session:
        row = session.get_one(Trial, trial.id)
        assert row.status == "executed"
        assert row.cut_short_at_s is not None
        assert [each.outcome for each in row.labels] == ["failure"]

    page.keyboard.press("Backspace")
    expect(page.get_by_role("heading", name="Judge the gate trial in T1")).to_be_visible()
    page.keyboard.press("s")
    expect(said).to_have_text("Gate trial in T1: success, stored.")
    with studio.database.reading() as session:
        outcomes = session.scalars(select(LabelEvent.outcome).order_by(LabelEvent.id)).all()
    assert outcomes == ["failure", "withdrawn", "success"]

    page.goto(f"{studio.url}/trials/{trial.id}", wait_until="commit")
    expect(page.get_by_text("Judged while the arm moved: the motion was ended after")).to_be_visible()
    expect(page.get_by_alt_text("At the press of the trial in T1")).to_have_js_property("naturalWidth", 640)
    expect(page.get_by_text("Operator said that it matches")).to_be_visible()
