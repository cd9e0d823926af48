"""The dashboard over HTTP: page, figures as JSON and CSV, tables, and what does not exist."""

import csv
from io import StringIO

import pytest
from fastapi.testclient import TestClient

from .conftest import Seed


def table(client: TestClient, url: str) -> list[dict[str, str]]:
    answer = client.get(url)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/csv")
    return list(csv.DictReader(StringIO(answer.text)))


def test_page_has_every_figure_and_the_choice_of_the_url(client: TestClient, seeded: Seed) -> None:
    experiment = seeded(iterations_done=2, planned_iterations=2)
    region = experiment.regions[3]
    page = client.get(
        f"/experiments/{experiment.id}/dashboard?iteration=1&region={region.id}&joint=4&unit=rad"
    )
    assert page.status_code == 200
    for figure in ("success", "outcomes", "trajectories"):
        assert f'data-figure="{figure}"' in page.text
    for selected in (f'value="{region.id}" selected', 'value="4" selected', 'value="rad" selected'):
        assert selected in page.text
    assert 'value="1" selected' in page.text


def test_an_experiment_without_iterations_says_what_to_do_next(client: TestClient, seeded: Seed) -> None:
    owed = seeded(iterations_done=0, demonstrated=4, name="Owed")
    ready = seeded(iterations_done=0, name="Ready")
    page = client.get(f"/experiments/{owed.id}/dashboard").text
    assert "4 of 18 are there" in page
    assert f'href="/experiments/{owed.id}/demonstrations"' in page
    assert "Go to the time line and start" in client.get(f"/experiments/{ready.id}/dashboard").text
    for figure in ("success", "outcomes", "motion", "credit", "trajectories", "training"):
        assert client.get(f"/experiments/{owed.id}/dashboard/{figure}.json").status_code == 200
        assert "No numbers yet" in client.get(f"/experiments/{owed.id}/dashboard/training/numbers").text


def test_success_as_csv_equals_the_json(client: TestClient, seeded: Seed) -> None:
    base = f"/experiments/{seeded(iterations_done=2, planned_iterations=2).id}/dashboard"
    figure = client.get(f"{base}/success.json").json()
    points = [point for series in figure["series"] for point in series["points"]]
    rows = table(client, f"{base}/success.csv")
    assert [int(row["successes"]) for row in rows] == [point["successes"] for point in points]
    assert [row["split"] for row in rows] == ["train", "train", "held_out", "held_out"]
    assert {row["robot"] for row in rows} == {"simulated"}
    for row in rows:
        assert float(row["wilson_95_low"]) <= float(row["success_rate"]) <= float(row["wilson_95_high"])


def test_outcomes_as_csv_have_a_row_for_each_planned_trial(client: TestClient, seeded: Seed) -> None:
    experiment = seeded(iterations_done=2, planned_iterations=2)
    rows = table(client, f"/experiments/{experiment.id}/dashboard/outcomes.csv")
    assert len(rows) == 2 * (18 + 10)
    assert {row["gate"] for row in rows if row["split"] == "held_out"} == {""}
    assert {row["gate"] for row in rows if row["split"] == "train"} == {"0", "1"}


def test_trajectories_as_csv_in_the_unit_asked_for(client: TestClient, seeded: Seed) -> None:
    experiment = seeded(iterations_done=1, planned_iterations=1)
    base = f"/experiments/{experiment.id}/dashboard/trajectories.csv"
    degrees, radians = (table(client, f"{base}?unit={unit}") for unit in ("deg", "rad"))
    assert len(degrees) == 351
    assert degrees[0]["time_s"] == "0.0"
    assert float(degrees[-1]["time_s"]) == 7.0
    assert float(degrees[9]["global_joint_4_deg"]) == pytest.approx(
        float(radians[9]["global_joint_4_rad"]) * 57.29578, abs=1e-3
    )
    assert len(radians[0]) == 1 + 3 * 7


def test_the_table_behind_a_motion_is_thinned_and_says_so(client: TestClient, seeded: Seed) -> None:
    experiment = seeded(iterations_done=1, planned_iterations=1)
    shown = client.get(f"/experiments/{experiment.id}/dashboard/trajectories/numbers").text
    assert "the CSV file has all 351" in shown
    assert 30 < shown.count("<tr>") < 60


def test_facts_as_a_fragment(client: TestClient, seeded: Seed) -> None:
    experiment = seeded(iterations_done=1, waiting_labels=3)
    shown = client.get(f"/experiments/{experiment.id}/dashboard/facts").text
    assert "18/18" in shown
    assert f'<a href="/experiments/{experiment.id}/label">wait for a label</a>' in shown
    assert "<html" not in shown


def test_what_does_not_exist_is_said(client: TestClient, seeded: Seed) -> None:
    experiment = seeded(iterations_done=1, planned_iterations=1)
    other = seeded(iterations_done=0, demonstrated=0, name="Other")
    base = f"/experiments/{experiment.id}/dashboard"
    for url, what in [
        ("/experiments/999/dashboard", "There is no experiment 999"),
        ("/experiments/999/dashboard/success.json", "There is no experiment 999"),
        (f"{base}/gates.csv", "There is no figure gates"),
        (f"{base}/trajectories.json?iteration=4", "There is no iteration 4"),
        (f"{base}/trajectories.json?region={other.regions[0].id}", "There is no region"),
    ]:
        answer = client.get(url)
        assert answer.status_code == 404, url
        assert what in answer.text
    assert client.get(f"{base}/trajectories.json?unit=grad").status_code == 422


def test_figures_are_for_signed_in_users_only(anonymous: TestClient) -> None:
    assert anonymous.get("/experiments/1/dashboard/success.csv").status_code == 401
