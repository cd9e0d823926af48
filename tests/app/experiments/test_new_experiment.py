from collections.abc import Mapping

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from app.cells.models import Cell
from app.experiments.models import Experiment, Region
from app.platform.database import Database
from hndp_core.hierarchy import METHODS
from hndp_core.tasks import get_task

PLAN: Mapping[str, str] = {
    "name": "Almonds, first layout",
    "task": "scooping",
    "method": "hndp",
    "operator": "human",
    "cell": "simulated",
    "regions": "4",
    "held_out": "2",
    "layout_seed": "3",
    "positions": "",
    "iterations": "2",
    "seed": "7",
    "trials_per_region": "3",
    "second_rater_percent": "15",
    "dataset_source": "gate_rollouts",
    "scene_check": "none",
}


def stored(database: Database) -> list[Experiment]:
    with database.reading() as session:
        return list(session.scalars(select(Experiment)))


def test_creates_a_draft_with_its_regions_and_settings(client: TestClient, database: Database) -> None:
    answer = client.post("/experiments", data={**PLAN, "setting_local_steps": "123"})
    assert answer.status_code == 303
    (experiment,) = stored(database)
    assert answer.headers["location"] == f"/experiments/{experiment.id}"
    assert (experiment.status, experiment.seed, experiment.layout_seed) == ("draft", 7, 3)
    assert (experiment.iterations, experiment.trials_per_region) == (2, 3)
    assert experiment.second_rater_share == 0.15
    assert experiment.settings["local_steps"] == 123
    assert experiment.settings["dataset_source"] == "gate_rollouts"
    assert experiment.checks_scenes is False
    assert (experiment.settings["iterations"], experiment.settings["trials_per_region"]) == (2, 3)
    with database.reading() as session:
        names = session.scalars(select(Region.name).order_by(Region.id)).all()
    assert names == ["T1", "T2", "T3", "T4", "H1", "H2"]


def test_same_layout_seed_places_the_same_regions(client: TestClient, database: Database) -> None:
    for name in ("one", "two"):
        client.post("/experiments", data={**PLAN, "name": name})
    with database.reading() as session:
        rows = session.execute(select(Region.x_m, Region.y_m).order_by(Region.id)).all()
    assert rows[:6] == rows[6:]


def test_regions_placed_by_hand_take_the_place_of_the_drawn_ones(
    client: TestClient, database: Database
) -> None:
    client.post("/experiments", data={**PLAN, "positions": "train 0.5 -0.1\nheld_out, 0.6, 0.1\n"})
    with database.reading() as session:
        rows = session.execute(select(Region.name, Region.x_m, Region.y_m).order_by(Region.id)).all()
    assert [tuple(row) for row in rows] == [("T1", 0.5, -0.1), ("H1", 0.6, 0.1)]


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("name", "  ", "1 to 80 characters"),
        ("name", "n" * 81, "1 to 80 characters"),
        ("name", "null \0 byte", "1 to 80 characters"),
        ("task", "pour2", "Available: pouring, scooping"),
        ("method", "magic", "Available: act, cnn_dmp"),
        ("operator", "nobody", "Available: human, simulated"),
        ("cell", "cell 9", "Available: simulated"),
        ("regions", "0", "no train region"),
        ("regions", "many", "whole number"),
        ("regions", "101", "between 0 and 100"),
        ("held_out", "-1", "between 0 and 100"),
        ("layout_seed", "x", "whole number"),
        ("positions", "train 0.95 0.0", "out of reach"),
        ("positions", "train nan 0.0", "out of reach"),
        ("positions", "somewhere", "Write line 1 as"),
        ("positions", "held_out 0.6 0.0", "no train region"),
        ("positions", "train 0.6 0.0\ntrain 0.6 0.0", "same place"),
        ("iterations", "0", "between 1 and 100"),
        ("iterations", "2.5", "whole number"),
        ("seed", "-1", "between 0 and 2147483647"),
        ("seed", "2147483648", "between 0 and 2147483647"),
        ("trials_per_region", "2", "Choose 1, 3 or 5"),
        ("second_rater_percent", "101", "between 0 and 100"),
        ("dataset_source", "thin air", "Available: gate_rollouts, local_rollouts"),
        ("scene_check", "perhaps", "Available: each, none"),
        ("setting_basis", "1", "between 2 and 200"),
        ("setting_local_learning_rate", "fast", "Give a number"),
        ("setting_attractor_gain", "nan", "between 1 and 200"),
        ("setting_forcing", "none", "Available: goal_scaled, unscaled"),
    ],
)
def test_bad_value_is_refused_beside_its_field(
    client: TestClient, database: Database, field: str, value: str, says: str
) -> None:
    answer = client.post("/experiments", data={**PLAN, field: value})
    assert answer.status_code == 422
    beside = answer.text.split(f'data-field="{field}">')[1].split("</p>")[0]
    assert says in beside
    assert "Almonds, first layout" in answer.text or field == "name", "what was typed is kept"
    assert stored(database) == []


def test_a_method_without_local_experts_takes_one_iteration(client: TestClient, database: Database) -> None:
    answer = client.post("/experiments", data={**PLAN, "method": "act"})
    assert answer.status_code == 422
    beside = answer.text.split('data-field="iterations">')[1].split("</p>")[0]
    assert "no local policies to refine, so choose 1 iteration" in beside
    assert client.post("/experiments", data={**PLAN, "method": "act", "iterations": "1"}).status_code == 303
    (experiment,) = stored(database)
    assert (experiment.method, experiment.method_title) == ("act", "Action chunking transformer")
    page = client.get(f"/experiments/{experiment.id}").text
    assert "Action chunking transformer" in page
    assert "Local training" not in page
    assert "Local rollouts" not in page
    assert "the demonstrations</dd>" in page
    assert "Action chunking transformer" in client.get("/experiments").text


def test_all_problems_are_named_at_once(client: TestClient) -> None:
    answer = client.post("/experiments", data={**PLAN, "seed": "x", "regions": "0", "setting_basis": "b"})
    assert [f'data-field="{field}"' in answer.text for field in ("seed", "regions", "setting_basis")] == [
        True,
        True,
        True,
    ]


def test_name_in_use_is_refused_whatever_its_case(client: TestClient, database: Database) -> None:
    client.post("/experiments", data=PLAN)
    answer = client.post("/experiments", data={**PLAN, "name": "  ALMONDS,  first layout "})
    assert answer.status_code == 422
    assert "Choose another name" in answer.text
    assert len(stored(database)) == 1


def test_empty_form_is_refused_without_an_error_of_ours(client: TestClient) -> None:
    assert client.post("/experiments", data={}).status_code == 422


def test_before_a_cell_has_started_its_name_is_offered(client: TestClient, database: Database) -> None:
    assert '<option value="simulated"' in client.get("/experiments/new").text
    client.post("/experiments", data=PLAN)
    with database.reading() as session:
        assert [cell.name for cell in session.scalars(select(Cell))] == ["simulated"]


def test_known_cells_are_offered_instead(client: TestClient, database: Database) -> None:
    with database.transaction() as session:
        session.add(Cell(name="lab-2", robot="simulated"))
    page = client.get("/experiments/new").text
    assert '<option value="lab-2"' in page
    assert '<option value="simulated"' not in page
    client.post("/experiments", data={**PLAN, "cell": "lab-2"})
    with database.reading() as session:
        assert session.scalars(select(Cell.name)).all() == ["lab-2"]


def test_nobody_simulates_the_judge_of_a_real_arm(client: TestClient, database: Database) -> None:
    with database.transaction() as session:
        session.add(Cell(name="lab-2", robot="franka"))
    assert '<option value="lab-2" data-real' in client.get("/experiments/new").text
    answer = client.post("/experiments", data={**PLAN, "cell": "lab-2", "operator": "simulated"})
    assert answer.status_code == 422
    assert "only people can judge it" in answer.text


def test_viewer_creates_nothing(sign_in, database: Database) -> None:
    assert sign_in("Guest", "viewer").post("/experiments", data=PLAN).status_code == 403
    assert stored(database) == []


def test_layout_is_drawn_anew_from_a_half_filled_form(client: TestClient) -> None:
    first = client.get("/experiments/layout", params={"regions": "3", "held_out": "1", "layout_seed": "0"})
    assert first.text.count('class="region ') == 4
    another = client.get("/experiments/layout", params={"layout_seed": "0", "redraw": "1"})
    assert 'name="layout_seed" type="text" value="1"' in another.text
    wrong = client.get("/experiments/layout", params={"regions": "0"})
    assert wrong.status_code == 200
    assert "no train region" in wrong.text


def test_choosing_a_task_suggests_its_own_numbers_of_regions(client: TestClient) -> None:
    asked = {"task": "pouring", "regions": "18", "held_out": "10", "positions": "train 0.7 0.0"}
    suggested = client.get("/experiments/layout", params={**asked, "own": "1"}).text
    assert 'name="regions" type="text" value="16"' in suggested
    assert "16 train, 10 held out" in suggested
    unknown = client.get("/experiments/layout", params={"task": "pour2", "own": "1"})
    assert (unknown.status_code, "No layout to draw" in unknown.text) == (200, True)


def test_every_level_is_offered_under_its_task_and_kept(client: TestClient, database: Database) -> None:
    page = client.get("/experiments/new").text
    offered = page.split('<optgroup label="Scooping almonds">')[1].split("</optgroup>")[0]
    assert '<option value="scooping@cluttered" selected>' in offered
    assert "Scooping almonds, tight: as cluttered; less error is forgiven</option>" in offered
    suggested = client.get("/experiments/layout", params={"task": "scooping@few", "own": "1"}).text
    assert "8 train, 10 held out" in suggested
    assert client.post("/experiments", data={**PLAN, "task": "scooping@tight"}).status_code == 303
    with database.reading() as session:
        assert session.scalars(select(Experiment.task)).all() == ["scooping@tight"]
    refused = client.post("/experiments", data={**PLAN, "task": "scooping@hopeless"})
    assert refused.status_code == 422
    assert "Available: clean" in refused.text


def test_a_task_without_its_level_is_kept_at_the_default_one(client: TestClient, database: Database) -> None:
    wrong = client.post("/experiments", data={**PLAN, "task": "writing", "seed": "x"}).text
    assert '<option value="writing@varied" selected>' in wrong
    assert client.post("/experiments", data={**PLAN, "task": "writing"}).status_code == 303
    (experiment,) = stored(database)
    assert experiment.task == get_task("writing").key == "writing@varied"
    for path in ("/experiments", f"/experiments/{experiment.id}"):
        assert "Writing digits, varied" in client.get(path).text


def test_each_method_is_offered_with_a_line_on_what_it_is(client: TestClient) -> None:
    page = client.get("/experiments/new").text
    refined, single = page.split('<optgroup label="1 iteration">')
    assert "H-NDP: local policies teach a global one, movement primitives</option>" in refined
    assert "GPS-like, raw outputs: local policies teach a global one, joint paths" in refined
    assert "NDP: learns from demonstrations, movement primitives</option>" in single
    assert page.count('<option value="hndp" selected>') == 1
    assert all(f'<option value="{method}"' in page for method in METHODS)


def test_drawn_layout_can_be_written_down_and_changed(client: TestClient, database: Database) -> None:
    written = client.get("/experiments/layout", params={"regions": "4", "held_out": "0", "edit": "1"}).text
    positions = written.split("<textarea")[1].split(">", 1)[1].split("</textarea>")[0]
    assert positions.count("train ") == 4
    assert client.post("/experiments", data={**PLAN, "positions": positions}).status_code == 303


def test_writing_regions_are_cards_and_keep_them_when_written_down(
    client: TestClient, database: Database
) -> None:
    asked = {"task": "writing", "regions": "10", "held_out": "10", "layout_seed": "2", "edit": "1"}
    drawn = client.get("/experiments/layout", params=asked).text
    assert "its place is its slot in the rack" in drawn
    assert '<text class="note" y="20.5">digit 7</text>' in drawn
    positions = drawn.split("<textarea")[1].split(">", 1)[1].split("</textarea>")[0]
    assert "digit 7, writer" in positions
    plan = {**PLAN, "task": "writing", "positions": positions}
    assert client.post("/experiments", data=plan).status_code == 303
    with database.reading() as session:
        rows = session.scalars(select(Region).order_by(Region.id)).all()
        kept = tuple(row.place() for row in rows)
    assert kept == get_task("writing").layout(layout_seed=2)


def test_writing_regions_without_a_card_are_refused(client: TestClient, database: Database) -> None:
    plan = {**PLAN, "task": "writing", "positions": "train 0.5 0.5"}
    answer = client.post("/experiments", data=plan)
    assert answer.status_code == 422
    assert "write it as" in answer.text.split('data-field="positions">')[1].split("</p>")[0]
    assert stored(database) == []


def test_every_setting_of_the_method_has_a_field_with_help(client: TestClient) -> None:
    from dataclasses import fields

    from hndp_core.hierarchy import RefinementConfig

    page = client.get("/experiments/new").text
    for each in fields(RefinementConfig):
        assert f'name="{each.name}"' in page or f'name="setting_{each.name}"' in page
