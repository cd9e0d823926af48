"""The API offers what the pages do: every page's route has its twins there, or a reason why it has none."""

from collections.abc import Mapping
from typing import Final

from fastapi import FastAPI

from app.platform.problem import API_PREFIX
from tests.app.accounts.test_permissions import UNGUARDED, routes_of

TWINS: Final[Mapping[str, tuple[str, ...]]] = {
    # home
    "GET /": ("GET /home", "GET /experiments"),
    "GET /events": ("GET /home", "GET /experiments"),
    "GET /api": ("GET /openapi.json",),
    # experiments
    "GET /experiments": ("GET /experiments",),
    "GET /experiments/new": ("GET /tasks", "GET /methods", "GET /settings", "GET /cells"),
    "GET /experiments/layout": ("GET /tasks/{task}/layout",),
    "POST /experiments": ("POST /experiments",),
    "GET /experiments/{experiment_id}": (
        "GET /experiments/{experiment_id}",
        "GET /experiments/{experiment_id}/present",
        "GET /experiments/{experiment_id}/regions",
        "GET /experiments/{experiment_id}/iterations",
    ),
    "GET /experiments/{experiment_id}/events": (
        "GET /experiments/{experiment_id}/present",
        "GET /experiments/{experiment_id}/iterations/{number}",
    ),
    "POST /experiments/{experiment_id}/start": ("POST /experiments/{experiment_id}/start",),
    "POST /experiments/{experiment_id}/pause": ("POST /experiments/{experiment_id}/pause",),
    "POST /experiments/{experiment_id}/resume": ("POST /experiments/{experiment_id}/resume",),
    "POST /experiments/{experiment_id}/cancel": ("POST /experiments/{experiment_id}/cancel",),
    "GET /experiments/{experiment_id}/steps/{step_id}/log": (
        "GET /experiments/{experiment_id}/steps/{step_id}/log",
    ),
    "POST /experiments/{experiment_id}/steps/{step_id}/retry": (
        "POST /experiments/{experiment_id}/steps/{step_id}/retry",
    ),
    "GET /experiments/{experiment_id}/iterations/{number}/curves.json": (
        "GET /experiments/{experiment_id}/iterations/{number}/curves",
    ),
    "GET /experiments/{experiment_id}/gates": ("GET /experiments/{experiment_id}/gates",),
    "POST /experiments/{experiment_id}/run-again": ("POST /experiments/{experiment_id}/run-again",),
    # the bin
    "GET /bin": ("GET /bin",),
    "POST /experiments/{experiment_id}/bin": ("POST /experiments/{experiment_id}/bin",),
    "POST /experiments/{experiment_id}/bring-back": ("POST /experiments/{experiment_id}/bring-back",),
    "POST /experiments/{experiment_id}/delete": ("DELETE /bin/{experiment_id}",),
    # exports and restorations
    "GET /experiments/{experiment_id}/exports": ("GET /experiments/{experiment_id}/exports",),
    "GET /experiments/{experiment_id}/exports/events": ("GET /transfers/{transfer_id}",),
    "POST /experiments/{experiment_id}/exports": ("POST /experiments/{experiment_id}/exports",),
    "POST /experiments/{experiment_id}/exports/archive": (
        "POST /experiments/{experiment_id}/exports/archive",
    ),
    "GET /transfers/{transfer_id}/file": ("GET /transfers/{transfer_id}/file",),
    "GET /restore": ("GET /restorations",),
    "GET /restore/events": ("GET /transfers/{transfer_id}",),
    "POST /restore/archive": ("POST /restorations",),
    # demonstrations and motions
    "GET /experiments/{experiment_id}/demonstrations": (
        "GET /experiments/{experiment_id}/demonstrations",
        "GET /experiments/{experiment_id}/motions",
        "GET /experiments/{experiment_id}/present",
    ),
    "GET /experiments/{experiment_id}/demonstrations/events": (
        "GET /experiments/{experiment_id}/demonstrations",
        "GET /experiments/{experiment_id}/motions",
    ),
    "POST /experiments/{experiment_id}/demonstrations/record-owed": (
        "POST /experiments/{experiment_id}/demonstrations/record-owed",
    ),
    "POST /experiments/{experiment_id}/demonstrations/accept-all": (
        "POST /experiments/{experiment_id}/demonstrations/accept-all",
    ),
    "GET /experiments/{experiment_id}/demonstrations/import": ("GET /experiments/{experiment_id}/regions",),
    "POST /experiments/{experiment_id}/demonstrations/import": ("POST /experiments/{experiment_id}/motions",),
    "GET /demonstrations/{demonstration_id}": (
        "GET /demonstrations/{demonstration_id}",
        "GET /demonstrations/{demonstration_id}/record",
        "GET /demonstrations/{demonstration_id}/replay",
    ),
    "GET /demonstrations/{demonstration_id}/curves.json": ("GET /demonstrations/{demonstration_id}/curves",),
    "POST /demonstrations/{demonstration_id}/replay": ("POST /demonstrations/{demonstration_id}/replay",),
    "POST /demonstrations/{demonstration_id}/{act}": ("POST /demonstrations/{demonstration_id}/{act}",),
    "GET /motions/{motion_id}": ("GET /motions/{motion_id}", "GET /motions/{motion_id}/preview"),
    "GET /motions/{motion_id}/curves.json": ("GET /motions/{motion_id}/curves",),
    "POST /motions/{motion_id}/keep": ("POST /motions/{motion_id}/keep",),
    "POST /motions/{motion_id}/{act}": ("POST /motions/{motion_id}/{act}",),
    # trials, labels and who is asked for them
    "GET /trials/{trial_id}": ("GET /trials/{trial_id}", "GET /trials/{trial_id}/record"),
    "GET /trials/{trial_id}/curves.json": ("GET /trials/{trial_id}/curves",),
    "GET /trials/{trial_id}/review.json": ("GET /trials/{trial_id}/review",),
    "POST /trials/{trial_id}/labels": ("POST /trials/{trial_id}/labels",),
    "POST /trials/{trial_id}/live-label": ("POST /trials/{trial_id}/live-label",),
    "POST /labels/undo": ("POST /labels/undo",),
    "GET /label": ("GET /queue", "POST /queue/reservations", "GET /assignments"),
    "GET /label/queue": ("GET /queue", "POST /queue/reservations"),
    "GET /label/events": ("GET /queue",),
    "POST /label/leave": ("POST /queue/leave",),
    "POST /label/assignments": ("POST /assignments",),
    "POST /label/assignments/{user_id}/take-back": ("DELETE /assignments/{user_id}",),
    "GET /experiments/{experiment_id}/label": ("GET /queue", "POST /queue/reservations"),
    "GET /experiments/{experiment_id}/label/queue": ("GET /queue", "POST /queue/reservations"),
    "GET /experiments/{experiment_id}/label/events": ("GET /queue",),
    "GET /rubrics": ("GET /tasks", "GET /tasks/{task}/rubric"),
    "GET /rubrics/{task}": ("GET /tasks/{task}/rubric",),
    "POST /rubrics/{task}": ("PUT /tasks/{task}/rubric",),
    "POST /rubrics/{task}/reset": ("DELETE /tasks/{task}/rubric",),
    # sample
    "GET /sample": ("GET /sample",),
    "POST /sample": ("POST /sample",),
    # evaluations
    "GET /evaluations": ("GET /evaluations",),
    "GET /evaluations/planner": ("GET /evaluation-designs",),
    "GET /evaluations/new": ("GET /policies", "GET /experiments/{experiment_id}/regions", "GET /cells"),
    "POST /evaluations": ("POST /evaluations",),
    "GET /evaluations/{session_id}": ("GET /evaluations/{evaluation_id}",),
    "GET /evaluations/{session_id}/events": ("GET /evaluations/{evaluation_id}",),
    "POST /evaluations/{session_id}/start": ("POST /evaluations/{evaluation_id}/{act}",),
    "POST /evaluations/{session_id}/pause": ("POST /evaluations/{evaluation_id}/{act}",),
    "POST /evaluations/{session_id}/resume": ("POST /evaluations/{evaluation_id}/{act}",),
    "POST /evaluations/{session_id}/discard": ("DELETE /evaluations/{evaluation_id}",),
    "POST /evaluations/{session_id}/close": ("POST /evaluations/{evaluation_id}/close",),
    "GET /evaluations/{session_id}/label": ("GET /evaluations/{evaluation_id}/queue",),
    "GET /evaluations/{session_id}/label/queue": ("POST /evaluations/{evaluation_id}/queue/reservations",),
    "GET /evaluations/{session_id}/label/events": ("GET /evaluations/{evaluation_id}/queue",),
    "GET /evaluations/{session_id}/trials/{trial_id}/review.json": (
        "GET /evaluations/{evaluation_id}/trials/{trial_id}/motion",
    ),
    "POST /evaluations/{session_id}/labels/undo": ("POST /evaluations/{evaluation_id}/labels/undo",),
    "GET /evaluations/{session_id}/trials/{trial_id}": (
        "GET /evaluations/{evaluation_id}/trials/{trial_id}",
    ),
    "POST /evaluations/{session_id}/trials/{trial_id}/labels": (
        "POST /evaluations/{evaluation_id}/trials/{trial_id}/labels",
    ),
    "GET /evaluations/{session_id}/report": ("GET /evaluations/{evaluation_id}/report",),
    # dashboards
    "GET /experiments/{experiment_id}/dashboard": (
        "GET /experiments/{experiment_id}/facts",
        "GET /experiments/{experiment_id}/figures/{figure}",
    ),
    "GET /experiments/{experiment_id}/dashboard/events": (
        "GET /experiments/{experiment_id}/figures/{figure}",
    ),
    "GET /experiments/{experiment_id}/dashboard/facts": ("GET /experiments/{experiment_id}/facts",),
    "GET /experiments/{experiment_id}/dashboard/{figure}.json": (
        "GET /experiments/{experiment_id}/figures/{figure}",
    ),
    "GET /experiments/{experiment_id}/dashboard/{figure}.csv": (
        "GET /experiments/{experiment_id}/figures/{figure}/csv",
    ),
    "GET /experiments/{experiment_id}/dashboard/{figure}/numbers": (
        "GET /experiments/{experiment_id}/figures/{figure}/csv",
    ),
    "GET /dashboards": ("GET /figures/{figure}",),
    "GET /dashboards/rows": ("GET /figures/{figure}",),
    "GET /dashboards/methods": ("GET /figures/{figure}",),
    "GET /dashboards/methods/table": ("GET /figures/{figure}",),
    "GET /dashboards/work": ("GET /figures/{figure}",),
    "GET /dashboards/work/summary": ("GET /figures/{figure}",),
    "GET /dashboards/events": ("GET /figures/{figure}",),
    "GET /dashboards/{figure}.json": ("GET /figures/{figure}",),
    "GET /dashboards/{figure}.csv": ("GET /figures/{figure}/csv",),
    "GET /dashboards/{figure}/numbers": ("GET /figures/{figure}/csv",),
    # cells
    "GET /cells": ("GET /cells",),
    "GET /cells/{cell_id}": ("GET /cells/{cell_id}", "GET /cells/{cell_id}/events"),
    "GET /cells/{cell_id}/events": ("GET /cells/{cell_id}/events",),
    "GET /cells/{cell_id}/state": ("GET /cells/{cell_id}/state",),
    "GET /cells/{cell_id}/live.mjpg": ("GET /cells/{cell_id}/camera/picture",),
    "GET /cells/{cell_id}/camera": ("GET /cells/{cell_id}/camera",),
    "GET /cells/{cell_id}/camera/condition": ("GET /cells/{cell_id}/camera",),
    "GET /cells/{cell_id}/camera/picture.jpg": ("GET /cells/{cell_id}/camera/picture",),
    "GET /cells/{cell_id}/watch": ("GET /cells/{cell_id}/scene", "GET /cells/{cell_id}/state"),
    "GET /cells/{cell_id}/scene/{number}.jpg": ("GET /cells/{cell_id}/scene/{number}/reference",),
    "POST /cells/{cell_id}/scene_matches": ("POST /cells/{cell_id}/scene/{number}/matches",),
    "POST /cells/{cell_id}/stop": ("POST /cells/{cell_id}/stop",),
    "POST /cells/{cell_id}/take": ("POST /cells/{cell_id}/take",),
    "POST /cells/{cell_id}/release": ("POST /cells/{cell_id}/release",),
    "POST /cells/{cell_id}/recover": ("POST /cells/{cell_id}/recover",),
    # users and the log
    "GET /users": ("GET /users",),
    "POST /users": ("POST /users",),
    "POST /users/{user_id}/link": ("POST /users/{user_id}/link",),
    "POST /users/{user_id}/reset": ("POST /users/{user_id}/reset",),
    "POST /users/{user_id}/role": ("PUT /users/{user_id}/role",),
    "POST /users/{user_id}/deactivate": ("POST /users/{user_id}/{act}",),
    "POST /users/{user_id}/reactivate": ("POST /users/{user_id}/{act}",),
    "GET /audit": ("GET /audit",),
}
"""What a program asks for instead of each route of the pages. News of an open page (`events`) has no twin of
its own: a program asks again, with the entity tag."""

_SIGN_IN = "a person signs in in a browser; a program shows a token"
_ACCOUNT = "an account is its owner's: no token changes it, or makes another token"
_WATCHED = "a sign of life: it says that a person is at the page, and no program stands in for them (ADR 10)"
_MACHINE = "for what watches over the processes, in its own format"

WITHOUT_TWIN: Final[Mapping[str, str]] = {
    "GET /sign-in": _SIGN_IN,
    "POST /sign-in": _SIGN_IN,
    "GET /sign-in/provider": _SIGN_IN,
    "GET /sign-in/provider/callback": _SIGN_IN,
    "POST /sign-out": _SIGN_IN,
    "GET /account": _ACCOUNT,
    "POST /account/name": _ACCOUNT,
    "POST /account/password": _ACCOUNT,
    "POST /account/provider": _ACCOUNT,
    "POST /account/sessions/everywhere/end": _ACCOUNT,
    "POST /account/sessions/{session_id}/end": _ACCOUNT,
    "POST /account/tokens": _ACCOUNT,
    "POST /account/tokens/{token_id}/revoke": _ACCOUNT,
    "WS /cells/{cell_id}/channel": _WATCHED,
    "POST /cells/{cell_id}/go_on": _WATCHED,
    "GET /regions/{region_id}/guide": "a person leads the arm by hand; motions from elsewhere are uploaded",
    "WS /regions/{region_id}/guide/channel": "a person leads the arm by hand, with the pointer or on the arm",
    "GET /help": "text for people",
    "GET /artefacts/{kind}/{record_id}/{file}": "the address that `files` of the API's resources name itself",
    "GET /health": _MACHINE,
    "GET /ready": _MACHINE,
    "GET /metrics": _MACHINE,
}
"""Why there is nothing of it in the API."""


def split(app: FastAPI) -> tuple[set[str], set[str]]:
    """Routes of the pages, and of the API without its prefix."""
    routes = set(routes_of(app)) - UNGUARDED
    of_api = {each for each in routes if each.split(" ")[1].startswith(f"{API_PREFIX}/")}
    return routes - of_api, {each.replace(API_PREFIX, "", 1) for each in of_api}


def test_every_route_of_the_pages_has_its_twins_or_a_reason(web_app: FastAPI) -> None:
    pages, _ = split(web_app)
    mapped = {*TWINS, *WITHOUT_TWIN}
    assert sorted(pages - mapped) == [], "offer these in the API too, and name their twins here"
    assert sorted(mapped - pages) == [], "these are no routes (any more)"
    assert sorted(TWINS.keys() & WITHOUT_TWIN.keys()) == []


def test_every_twin_is_a_route_of_the_api(web_app: FastAPI) -> None:
    _, of_api = split(web_app)
    missing = {page: twins for page, twins in TWINS.items() if not twins or set(twins) - of_api}
    assert missing == {}


def test_what_changes_something_has_a_twin_that_does_too() -> None:
    wrong = [
        page
        for page, twins in TWINS.items()
        if (page.startswith("POST ")) != any(not each.startswith("GET ") for each in twins)
        and not any(each.endswith("/queue/reservations") for each in twins)
    ]
    assert wrong == []


def test_a_page_without_a_twin_is_noticed(web_app: FastAPI) -> None:
    web_app.add_api_route("/experiments/{experiment_id}/new-page", lambda: "")
    pages, _ = split(web_app)
    assert pages - {*TWINS, *WITHOUT_TWIN} == {"GET /experiments/{experiment_id}/new-page"}
