"""Plans of experiments and of comparisons, from programs."""

from collections.abc import Callable

import numpy as np
import pytest

from .conftest import Program

Programs = Callable[[str], Program]
PLAN = {"name": "From a program", "cell": "simulated", "regions": 4, "held_out": 2, "iterations": 2}


def test_the_plan_of_a_program_becomes_a_draft_with_its_regions(program: Programs) -> None:
    researcher = program("researcher")
    made = researcher.post("/experiments", {**PLAN, "settings": {"local_steps": 7}})
    assert made.status_code == 201, made.text
    assert made.json()["settings"]["local_steps"] == 7
    regions = researcher.get(f"/experiments/{made.json()['id']}/regions")
    assert [each["split"] for each in regions] == ["train"] * 4 + ["held_out"] * 2
    assert researcher.get("/experiments")["items"][0] == made.json()


def test_regions_placed_by_hand_stand_where_they_were_placed(program: Programs) -> None:
    places = [{"split": "train", "x_m": 0.5, "y_m": -0.1}, {"split": "train", "x_m": 0.6, "y_m": 0.1}]
    researcher = program("researcher")
    made = researcher.post("/experiments", {**PLAN, "places": places}).json()
    regions = researcher.get(f"/experiments/{made['id']}/regions")
    assert [(each["split"], each["x_m"], each["y_m"]) for each in regions] == [
        ("train", 0.5, -0.1),
        ("train", 0.6, 0.1),
    ]


def test_all_that_is_wrong_with_a_plan_is_told_by_input(program: Programs) -> None:
    plan = {**PLAN, "task": "juggling", "method": "luck", "settings": {"local_steps": -1}}
    refused = program("researcher").post("/experiments", plan)
    assert refused.status_code == 422
    assert {each["field"] for each in refused.json()["errors"]} == {"task", "method", "settings.local_steps"}
    unknown = program("researcher").post("/experiments", {**PLAN, "settings": {"local_stepz": 1}})
    assert [each["field"] for each in unknown.json()["errors"]] == ["settings.local_stepz"]


def test_a_drawn_layout_can_be_sent_as_places(program: Programs) -> None:
    researcher = program("researcher")
    layout = researcher.get("/tasks/scooping/layout", regions=3, held_out=2, seed=4)
    assert [each["split"] for each in layout["places"]] == ["train"] * 3 + ["held_out"] * 2
    placed = researcher.post("/experiments", {**PLAN, "task": layout["task"], "places": layout["places"]})
    drawn = researcher.post(
        "/experiments", {**PLAN, "name": "Drawn", "regions": 3, "held_out": 2, "layout_seed": 4}
    )
    places = [
        [(each["x_m"], each["y_m"]) for each in researcher.get(f"/experiments/{made.json()['id']}/regions")]
        for made in (placed, drawn)
    ]
    assert np.array(places[0]) == pytest.approx(np.array(places[1]), abs=1e-4)
    assert researcher.ask("GET", "/tasks/juggling/layout").status_code == 404
    assert researcher.ask("GET", "/tasks/scooping/layout", params={"regions": 0}).status_code == 422


def test_settings_of_a_plan_are_listed_with_their_range(program: Programs) -> None:
    researcher = program("researcher")
    settings = {each["name"]: each for each in researcher.get("/settings")}
    assert settings["local_steps"]["group"] == "Local policies"
    assert settings["local_steps"]["whole"]
    assert settings["forcing"]["default"] in settings["forcing"]["choices"]
    defaults = {each["name"]: each["default"] for each in settings.values()}
    assert researcher.post("/experiments", {**PLAN, "settings": defaults}).status_code == 201


def test_designs_of_a_comparison_tell_what_it_takes(program: Programs) -> None:
    designs = program("viewer").get("/evaluation-designs", first=0.5, second=0.9, regions=5)
    assert [(each["pairing"], each["design"]) for each in designs] == [
        ("independent", "fixed"),
        ("paired", "fixed"),
        ("paired", "sequential"),
    ]
    assert all(each["total"] == 2 * each["trials"] for each in designs)
    assert all(each["repeats"] * 5 >= each["trials"] for each in designs)
    same = program("viewer").ask("GET", "/evaluation-designs", params={"first": 0.5, "second": 0.5})
    assert (same.status_code, same.json()["errors"][0]["field"]) == (422, "second")
