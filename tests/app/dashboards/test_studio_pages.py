"""Pages of the dashboards over all experiments: what stands on them, filters in the address, empty states."""

import csv
from dataclasses import fields
from datetime import timedelta
from io import StringIO

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.requests import Request

from app.dashboards.view import ARMS, PERIODS, View, asked_view
from app.platform.model import now
from hndp_core.hierarchy.methods import METHODS
from hndp_core.tasks import task_names

from .conftest import Seed

PAGES = ("/dashboards", "/dashboards/methods", "/dashboards/work")
FIGURES = ("experiments", "methods", "labels", "operators", "throughput", "up_time")
VIEWS = st.builds(
    View,
    task=st.sampled_from(["", *task_names()]),
    method=st.sampled_from(["", *METHODS]),
    cell=st.none() | st.integers(1, 999),
    arm=st.sampled_from(["", *ARMS]),
    creator=st.none() | st.integers(1, 999),
    days=st.none() | st.sampled_from(list(PERIODS)),
    sort=st.sampled_from(["", "name", "-held_out"]),
    against=st.sampled_from(["", *METHODS]),
)


def read(query: str) -> View:
    return asked_view(
        Request({"type": "http", "query_string": query.removeprefix("?").encode(), "headers": []})
    )


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(VIEWS)
def test_a_view_is_what_its_address_says(view: View) -> None:
    assert read(view.query()) == view


@pytest.mark.parametrize(
    "query",
    ["cell=x", "days=31", "task=juggling", "arm=left", "creator=-1", "method=magic", "cell=0", "cell=²"],
)
def test_what_cannot_be_understood_is_not_asked_for(query: str) -> None:
    assert read(query) == View()


def test_every_part_of_a_view_stands_in_its_address() -> None:
    full = View("scooping", "hndp", 1, "real", 2, 30, "-name", "ndp")
    assert all(f"{each.name}=" in full.query() for each in fields(View))
    assert "sort" not in full.query(sort="")


@pytest.mark.parametrize("path", PAGES)
def test_pages_without_any_experiment_say_what_to_do(client: TestClient, path: str) -> None:
    shown = client.get(path)
    assert shown.status_code == 200
    assert '<a href="/dashboards" aria-current="page">Dashboards</a>' in shown.text
    next_step = {"/dashboards": "New experiment", "/dashboards/work": "See what waits for a label"}
    assert next_step.get(path, "See how far the experiments are") in shown.text


def test_overview_tells_rate_interval_and_state(client: TestClient, seeded: Seed) -> None:
    finished = seeded(iterations_done=2, planned_iterations=2)
    shown = client.get("/dashboards").text
    assert f'<a href="/experiments/{finished.id}/dashboard">Scooping, first try</a>' in shown
    figure = client.get(f"/experiments/{finished.id}/dashboard/success.json").json()
    held_out = next(each for each in figure["series"] if each["split"] == "held_out")["points"][-1]
    assert f"<strong>{held_out['successes']}/{held_out['trials']}</strong>" in shown
    assert "Finished" in shown
    assert "iteration 2" in shown


def test_few_trials_are_grey(client: TestClient, seeded: Seed) -> None:
    seeded(iterations_done=1, planned_iterations=1, train=4, held_out=3)
    assert "rate--few" in client.get("/dashboards").text


def test_filters_leave_out_what_does_not_fit(client: TestClient, seeded: Seed) -> None:
    seeded(iterations_done=1, planned_iterations=1, train=4, held_out=3)
    for query in ("task=scooping", "method=hndp", "arm=simulated", "creator=1", "cell=1"):
        assert "Scooping, first try" in client.get(f"/dashboards?{query}").text, query
    for query in ("task=pouring", "method=ndp", "arm=real", "creator=77", "cell=77", "days=7"):
        shown = client.get(f"/dashboards?{query}").text
        assert "Scooping, first try" not in shown, query
        assert "No experiment fits" in shown


def test_sorting_stands_in_the_address_and_turns_round(client: TestClient, seeded: Seed) -> None:
    for name in ("B", "A"):
        seeded(name=name, iterations_done=0, demonstrated=0, train=2, held_out=1)
    first = client.get("/dashboards?sort=name&task=scooping").text
    assert first.index(">A</a>") < first.index(">B</a>")
    assert 'href="/dashboards?task=scooping&amp;sort=-name"' in first
    last = client.get("/dashboards?sort=-name").text
    assert last.index(">B</a>") < last.index(">A</a>")
    assert 'aria-sort="descending"' in last


def test_methods_are_tested_against_the_chosen_one(client: TestClient, seeded: Seed) -> None:
    seeded(iterations_done=1, planned_iterations=1, train=4, held_out=5)
    shown = client.get("/dashboards/methods?against=hndp").text
    assert 'hx-trigger="load, sse:changed delay:1s"' in shown
    assert "the others are tested against it" in client.get("/dashboards/methods/table?against=hndp").text


@pytest.mark.parametrize("figure", FIGURES)
def test_every_figure_comes_as_json_csv_and_table(client: TestClient, seeded: Seed, figure: str) -> None:
    seeded(iterations_done=1, planned_iterations=1, train=4, held_out=3, begin=now() - timedelta(days=2))
    assert client.get(f"/dashboards/{figure}.json").status_code == 200
    answer = client.get(f"/dashboards/{figure}.csv?days=7")
    rows = list(csv.DictReader(StringIO(answer.text)))
    assert f'filename="studio-{figure}.csv"' in answer.headers["content-disposition"]
    assert bool(rows) == (figure != "up_time")
    assert client.get(f"/dashboards/{figure}/numbers").status_code == 200


def test_what_does_not_exist_is_said(client: TestClient) -> None:
    answer = client.get("/dashboards/weather.json")
    assert answer.status_code == 404
    assert "There is no figure weather" in answer.text


@pytest.mark.parametrize("path", [*PAGES, "/dashboards/experiments.csv"])
def test_dashboards_are_for_signed_in_users_only(anonymous: TestClient, path: str) -> None:
    assert anonymous.get(path, follow_redirects=False).status_code in (303, 401)
