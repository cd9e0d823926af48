"""What the physics says must not reach an operator who has not judged yet, by whatever way."""

import re

import pytest
from sqlalchemy import update
from sqlalchemy.exc import InvalidRequestError

from app.trials.models import Trial
from app.trials.repository import TrialRepository

from .conftest import PAGE, Desk

_OPENED = re.compile(rb'data-page="[0-9a-f]{32}"')
"""The name of the opened page: another one each time."""


def _seen(desk: Desk, trial_id: int) -> dict[str, tuple[bytes, dict[str, str]]]:
    """Everything that the studio answers about a waiting trial, headers included."""
    pages = {
        "label": f"/experiments/{desk.experiment_id}/label",
        "queue": f"/experiments/{desk.experiment_id}/label/queue?page={PAGE}",
        "all": "/label",
        "review": f"/trials/{trial_id}/review.json",
        "trial": f"/trials/{trial_id}",
        "curves": f"/trials/{trial_id}/curves.json",
        "time line": f"/experiments/{desk.experiment_id}",
        "dashboard": f"/experiments/{desk.experiment_id}/dashboard",
        **{
            file: f"/artefacts/trials/{trial_id}/{file}"
            for file in ("video.mp4", "start.png", "first.jpg", "last.jpg")
        },
    }
    answers = {name: desk.client.get(path) for name, path in pages.items()}
    return {
        name: (
            _OPENED.sub(b"", answer.content),
            {
                header: value
                for header, value in answer.headers.items()
                if header not in ("date", "set-cookie")
            },
        )
        for name, answer in answers.items()
        if answer.status_code == 200
    }


def test_nothing_depends_on_the_physics_before_the_label(desk: Desk) -> None:
    trial = desk.waiting()[0]
    told = []
    for truth in (True, False, None):
        judged = {"physics_success": truth, "measures": {"path_error_m": 0.004} if truth else None}
        with desk.database.transaction() as session:
            session.execute(update(Trial).where(Trial.id.in_(desk.waiting())).values(judged))
        told.append(_seen(desk, trial))
    assert told[0].keys() >= {"label", "queue", "all", "trial", "review", "video.mp4"}
    assert told[0] == told[1] == told[2]


def test_answer_to_a_label_does_not_tell_it_either(desk: Desk) -> None:
    answers = []
    for truth, trial in zip((True, False), desk.waiting(), strict=False):
        with desk.database.transaction() as session:
            session.execute(update(Trial).where(Trial.id == trial).values(physics_success=truth))
        answer = desk.label(trial, key=f"key-0000000{trial}").json()
        answers.append({key: value for key, value in answer.items() if not key.endswith("_id")})
    assert answers[0] == answers[1]


def test_a_loaded_trial_does_not_even_have_it(desk: Desk) -> None:
    with desk.database.reading() as session:
        trial = TrialRepository(session).get(desk.waiting()[0])
        for name in ("physics_success", "measures"):
            with pytest.raises(InvalidRequestError, match=name):
                getattr(trial, name)


def test_it_is_told_only_when_label_and_gates_are_settled(desk: Desk) -> None:
    trial = desk.waiting()[0]
    desk.label(trial)
    words = "own judgement"
    assert words not in desk.client.get(f"/trials/{trial}").text
    with desk.database.transaction() as session:
        row = session.get_one(Trial, trial)
        row.iteration.finished_at = row.executed_at
        row.measures = {"digit_recognised": -1.0, "path_error_m": 0.0083}
    told = desk.client.get(f"/trials/{trial}").text
    assert words in told
    assert "<dt>Digit recognised</dt><dd>none</dd>" in told
    assert "<dt>Path error</dt><dd>8.3 mm</dd>" in told
    desk.undo()
    assert words not in desk.client.get(f"/trials/{trial}").text


@pytest.mark.parametrize("file", ["record.npz", "..%2f..%2fhndp.sqlite3", "video.mp4.json"])
def test_arrays_of_a_record_have_no_address(desk: Desk, file: str) -> None:
    answer = desk.client.get(f"/artefacts/trials/{desk.waiting()[0]}/{file}")
    assert answer.status_code in (404, 422)
