"""A second, independent judgement of some trials; where the two differ, a third person decides."""

import random
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from app.accounts.models import User
from app.accounts.service import ensure_user
from app.platform.database import Database
from app.training.gate_setting import settle_labels
from app.training.models import Gate, Step
from app.trials.agreement import agreement_of, cohens_kappa
from app.trials.judgement import owed_by
from app.trials.models import LabelEvent, Trial
from app.trials.planning import drawn_for_second_rating
from app.trials.repository import TrialRepository
from app.trials.waiting import waits_for

from .conftest import PAGE, Desk


@pytest.fixture
def drawn(desk: Desk) -> int:
    """The first waiting gate trial, drawn for a second judgement."""
    trial = desk.waiting()[0]
    with desk.database.transaction() as session:
        session.get_one(Trial, trial).second_rated = True
    return trial


@pytest.fixture
def of(desk: Desk, sign_in: Callable[[str, str], TestClient]) -> Callable[..., Desk]:
    """of(name, role) is the desk of another person at the same experiment."""
    return lambda name, role="operator": Desk(sign_in(name, role), desk.database, desk.experiment_id)


def _card(desk: Desk, trial: int) -> str:
    page = desk.client.get(f"/experiments/{desk.experiment_id}/label/queue", params={"page": PAGE}).text
    own = f'class="trial-card" data-trial="{trial}"'
    return next((card for card in page.split("</article>") if own in card), "")


def test_second_one_is_asked_without_being_told_what_the_first_said(
    desk: Desk, drawn: int, of: Callable[..., Desk]
) -> None:
    desk.label(drawn, "failure")
    assert _card(desk, drawn) == "", "nobody judges the same trial twice"
    for place, trial in enumerate(desk.waiting("gate") + desk.waiting("held_out")):
        desk.label(trial, key=f"key-3000000{place}")
    own = desk.client.get(f"/experiments/{desk.experiment_id}/label").text
    assert "1 trial waits for somebody else" in own
    bea = of("Bea")
    card = _card(bea, drawn)
    assert 'data-rating="second"' in card
    assert "Second judgement" in card
    assert "Operator" not in card
    page = bea.client.get(f"/trials/{drawn}").text
    assert "waits for your own judgement" in page
    assert "badge--failure" not in page


def test_no_refusal_tells_who_owes_a_second_judgement_what_the_first_said(
    desk: Desk, drawn: int, of: Callable[..., Desk]
) -> None:
    seen = desk.label(drawn, "failure").json()["event_id"]
    bea = of("Bea")
    for more in ({"instead_of": 0}, {"instead_of": seen}, {"note": "I disagree"}):
        refused = bea.label(drawn, "success", "key-00000002", **more)
        assert refused.status_code == 409
        assert "failure" not in refused.json()["error"]
    assert desk.events(drawn) == ["failure"]


def test_second_judgement_that_agrees_settles_the_trial(
    desk: Desk, drawn: int, of: Callable[..., Desk]
) -> None:
    desk.label(drawn, "failure")
    answer = of("Bea").label(drawn, "failure", "key-00000002", rating="second", instead_of=0)
    assert answer.status_code == 200
    with desk.database.reading() as session:
        agreement = agreement_of(session, desk.experiment_id)
    assert (agreement.pairs, agreement.agreeing, agreement.disputed) == (1, 1, 0)
    assert _card(of("Carla"), drawn) == ""


def test_dispute_is_settled_by_a_third_person_or_a_researcher(
    desk: Desk, drawn: int, of: Callable[..., Desk]
) -> None:
    ada, bea = of("Ada"), of("Bea")
    label = ada.label(drawn, "failure").json()["event_id"]
    bea.label(drawn, "success", "key-00000002", rating="second", instead_of=0)
    assert _card(ada, drawn) == _card(bea, drawn) == ""
    refused = bea.label(drawn, "success", "key-00000003", rating="settled", instead_of=label)
    assert refused.status_code == 409
    assert "third person" in refused.json()["error"]
    carla = of("Carla")
    assert 'data-rating="settled"' in _card(carla, drawn)
    settled = carla.label(drawn, "success", "key-00000004", rating="settled", instead_of=label)
    assert settled.status_code == 200
    assert _card(of("Rosa", "researcher"), drawn) == ""
    page = desk.client.get(f"/experiments/{desk.experiment_id}/gates").text
    assert "Judged alike</dt><dd>0/1" in page
    assert "To be settled</dt><dd>0" in page


def test_gates_wait_for_the_second_judgement_and_for_the_dispute(
    desk: Desk, drawn: int, of: Callable[..., Desk]
) -> None:
    labels = {
        trial: desk.label(trial, "failure", f"key-1000000{place}").json()["event_id"]
        for place, trial in enumerate(desk.waiting())
    }
    bea = of("Bea")

    def state() -> str:
        with desk.database.transaction() as session:
            step = session.scalars(
                select(Step).where(Step.kind == "labelling", Step.status == "waiting")
            ).one()
            return settle_labels(session, step.id, grace_s=0.0).state

    assert state() == "waiting"
    bea.label(drawn, "success", "key-20000001", rating="second", instead_of=0)
    assert state() == "waiting"
    of("Carla").label(drawn, "success", "key-20000002", rating="settled", instead_of=labels[drawn])
    assert state() == "set"
    with desk.database.reading() as session:
        region = session.get_one(Trial, drawn).region_id
        assert {gate.region_id for gate in session.scalars(select(Gate)) if gate.value} == {region}


def test_second_judgement_is_taken_back_alone(desk: Desk, drawn: int, of: Callable[..., Desk]) -> None:
    desk.label(drawn, "failure")
    bea = of("Bea")
    bea.label(drawn, "success", "key-00000002", rating="second", instead_of=0)
    assert bea.undo().status_code == 200
    with desk.database.reading() as session:
        trial = TrialRepository(session).get(drawn)
        assert [(each.outcome, each.rating) for each in trial.labels] == [
            ("failure", "first"),
            ("success", "second"),
            ("withdrawn", "second"),
        ]
    assert 'data-rating="second"' in _card(bea, drawn)


def test_unasked_second_judgement_is_refused(desk: Desk, of: Callable[..., Desk]) -> None:
    trial = desk.waiting()[0]
    desk.label(trial)
    assert of("Bea").label(trial, "failure", "key-00000002", rating="second").status_code == 409
    assert desk.events(trial) == ["success"]


def test_share_is_drawn_by_the_seed_and_repeats(desk: Desk) -> None:
    with desk.database.reading() as session:
        experiment = TrialRepository(session).get(desk.waiting()[0]).iteration.experiment
        region = experiment.regions[0]

        def drawn(share: float) -> list[bool]:
            experiment.second_rater_share = share
            return [
                drawn_for_second_rating(experiment, number, "gate", region, 1) for number in range(1, 401)
            ]

        assert 60 < sum(drawn(0.2)) < 100
        assert drawn(0.2) == drawn(0.2)
        assert (sum(drawn(0.0)), sum(drawn(1.0))) == (0, 400)
        assert not drawn_for_second_rating(experiment, 1, "local", region, 1)
        experiment.operator = "simulated"
        assert sum(drawn(1.0)) == 0


def test_database_and_pages_agree_on_who_owes_a_judgement(desk: Desk, database: Database) -> None:
    """Whatever the history of a trial, for whomever: the queue's condition and the rules say the same."""
    generator = random.Random(0)
    trial = desk.waiting()[0]
    with database.transaction() as session:
        people = [ensure_user(session, f"Person {each}", "operator") for each in range(3)]
        people.append(ensure_user(session, "Rosa", "researcher"))
        session.flush()
        names = [user.id for user in people]
    for history in range(80):
        with database.transaction() as session:
            original = session.get_one(Trial, trial)
            copy = Trial(
                **{
                    each.key: getattr(original, each.key)
                    for each in Trial.__mapper__.column_attrs
                    if each.key not in ("id", "attempt", "second_rated")
                },
                attempt=history + 2,
                second_rated=generator.random() < 0.8,
            )
            session.add(copy)
            session.flush()
            for place in range(generator.randint(0, 5)):
                rating = generator.choice(["first", "second", "settled"] if copy.second_rated else ["first"])
                event = LabelEvent(
                    trial_id=copy.id,
                    author_id=generator.choice(names),
                    outcome=generator.choice(["success", "failure", "invalid", "withdrawn"]),
                    rating=rating,
                    request_key=f"history/{history}/{place}",
                )
                session.add(event)
            session.flush()
            row = TrialRepository(session).get(copy.id)
            told = [(each.rating, each.outcome, each.author_id) for each in row.labels]
            for name in names:
                user = session.get_one(User, name)
                waits = session.scalar(select(Trial.id).where(Trial.id == copy.id, waits_for(user)))
                assert (waits is not None) == (owed_by(row, user) is not None), (told, user.name)
            anybody = session.scalar(select(Trial.id).where(Trial.id == copy.id, waits_for(None)))
            owed = [owed_by(row, session.get_one(User, name)) for name in names]
            assert (anybody is not None) == any(owed), told


@pytest.mark.parametrize(
    ("told", "kappa"),
    [
        ("ss" * 20 + "sf" * 5 + "fs" * 10 + "ff" * 15, 0.4),
        ("ss" * 3 + "ff" * 2, 1.0),
        ("ss" * 4, None),
        ("", None),
    ],
)
def test_kappa_is_agreement_beyond_chance(told: str, kappa: float | None) -> None:
    pairs = list(zip(told[::2], told[1::2], strict=True))
    assert cohens_kappa(pairs) == (pytest.approx(kappa) if kappa is not None else None)
