"""Who may do what: the one table that names, for every route, what it needs; those of the JSON API stand in
`api_permissions`.

A route that does not stand here is refused to everybody, so that one that was forgotten is noticed rather
than open. What a need is granted by, is said by the roles, and for programs by the scope of their token.
"""

from collections.abc import Mapping
from typing import Final

from app.accounts.api_permissions import API_ROUTES

ANYONE: Final = "anyone"
OWNER: Final = "owner"
"""A person about their own account, signed in in a browser: no token does that."""
METRICS: Final = "metrics"
LADDER: Final = ("viewer", "operator", "researcher", "admin")
"""Each may do what the ones before it may."""
SCOPES: Final = (*LADDER, METRICS)
"""What a token can be for."""

_ROUTES: Final[Mapping[str, tuple[str, ...]]] = {
    ANYONE: (
        "GET /health",
        "GET /ready",
        "GET /sign-in",
        "POST /sign-in",
        "GET /sign-in/provider",
        "GET /sign-in/provider/callback",
        "POST /sign-out",
    ),
    "viewer": (
        "GET /",
        "GET /events",
        "GET /help",
        "GET /experiments",
        "GET /experiments/{experiment_id}",
        "GET /experiments/{experiment_id}/events",
        "GET /experiments/{experiment_id}/steps/{step_id}/log",
        "GET /experiments/{experiment_id}/iterations/{number}/curves.json",
        "GET /experiments/{experiment_id}/demonstrations",
        "GET /experiments/{experiment_id}/demonstrations/events",
        "GET /experiments/{experiment_id}/label",
        "GET /experiments/{experiment_id}/label/queue",
        "GET /experiments/{experiment_id}/label/events",
        "GET /experiments/{experiment_id}/gates",
        "GET /label",
        "GET /label/queue",
        "GET /label/events",
        "GET /rubrics",
        "GET /rubrics/{task}",
        "GET /evaluations",
        "GET /evaluations/planner",
        "GET /evaluations/{session_id}",
        "GET /evaluations/{session_id}/events",
        "GET /evaluations/{session_id}/label",
        "GET /evaluations/{session_id}/label/queue",
        "GET /evaluations/{session_id}/label/events",
        "GET /evaluations/{session_id}/report",
        "GET /evaluations/{session_id}/trials/{trial_id}",
        "GET /evaluations/{session_id}/trials/{trial_id}/review.json",
        "GET /experiments/{experiment_id}/exports",
        "GET /experiments/{experiment_id}/exports/events",
        "GET /transfers/{transfer_id}/file",
        "GET /restore",
        "GET /restore/events",
        "GET /sample",
        "GET /bin",
        "GET /experiments/{experiment_id}/dashboard",
        "GET /experiments/{experiment_id}/dashboard/events",
        "GET /experiments/{experiment_id}/dashboard/facts",
        "GET /experiments/{experiment_id}/dashboard/{figure}.json",
        "GET /experiments/{experiment_id}/dashboard/{figure}.csv",
        "GET /experiments/{experiment_id}/dashboard/{figure}/numbers",
        "GET /demonstrations/{demonstration_id}",
        "GET /demonstrations/{demonstration_id}/curves.json",
        "GET /motions/{motion_id}",
        "GET /motions/{motion_id}/curves.json",
        "GET /regions/{region_id}/guide",
        "GET /trials/{trial_id}",
        "GET /trials/{trial_id}/curves.json",
        "GET /trials/{trial_id}/review.json",
        "GET /artefacts/{kind}/{record_id}/{file}",
        "GET /dashboards",
        "GET /dashboards/rows",
        "GET /dashboards/methods",
        "GET /dashboards/methods/table",
        "GET /dashboards/work",
        "GET /dashboards/work/summary",
        "GET /dashboards/events",
        "GET /dashboards/{figure}.json",
        "GET /dashboards/{figure}.csv",
        "GET /dashboards/{figure}/numbers",
        "GET /cells",
        "GET /cells/{cell_id}",
        "GET /cells/{cell_id}/events",
        "GET /cells/{cell_id}/live.mjpg",
        "GET /cells/{cell_id}/state",
        "GET /cells/{cell_id}/watch",
        "GET /cells/{cell_id}/scene/{number}.jpg",
        "GET /cells/{cell_id}/camera",
        "GET /cells/{cell_id}/camera/condition",
        "GET /cells/{cell_id}/camera/picture.jpg",
        "POST /cells/{cell_id}/stop",  # whoever sees danger may stop
        "WS /cells/{cell_id}/channel",
        "GET /api",
    ),
    "operator": (
        "GET /experiments/{experiment_id}/demonstrations/import",
        "POST /experiments/{experiment_id}/demonstrations/import",
        "POST /experiments/{experiment_id}/demonstrations/record-owed",
        "POST /experiments/{experiment_id}/demonstrations/accept-all",
        "POST /demonstrations/{demonstration_id}/replay",
        "POST /demonstrations/{demonstration_id}/{act}",
        "POST /motions/{motion_id}/keep",
        "POST /motions/{motion_id}/{act}",
        "POST /experiments/{experiment_id}/exports",
        "POST /experiments/{experiment_id}/exports/archive",
        "POST /trials/{trial_id}/labels",
        "POST /labels/undo",
        "POST /label/leave",
        "POST /evaluations/{session_id}/trials/{trial_id}/labels",
        "POST /evaluations/{session_id}/labels/undo",
        "POST /cells/{cell_id}/take",
        "POST /cells/{cell_id}/release",
        "POST /cells/{cell_id}/go_on",
        "POST /cells/{cell_id}/recover",
        "POST /cells/{cell_id}/scene_matches",
        "POST /trials/{trial_id}/live-label",
        "WS /regions/{region_id}/guide/channel",
    ),
    "researcher": (
        "GET /experiments/new",
        "GET /experiments/layout",
        "POST /experiments",
        "POST /experiments/{experiment_id}/start",
        "POST /experiments/{experiment_id}/pause",
        "POST /experiments/{experiment_id}/resume",
        "POST /experiments/{experiment_id}/cancel",
        "POST /experiments/{experiment_id}/steps/{step_id}/retry",
        "POST /experiments/{experiment_id}/run-again",
        "POST /experiments/{experiment_id}/bin",
        "POST /experiments/{experiment_id}/bring-back",
        "POST /experiments/{experiment_id}/delete",
        "POST /restore/archive",
        "POST /sample",
        "POST /label/assignments",
        "POST /label/assignments/{user_id}/take-back",
        "POST /rubrics/{task}",
        "POST /rubrics/{task}/reset",
        "GET /evaluations/new",
        "POST /evaluations",
        "POST /evaluations/{session_id}/start",
        "POST /evaluations/{session_id}/pause",
        "POST /evaluations/{session_id}/resume",
        "POST /evaluations/{session_id}/discard",
        "POST /evaluations/{session_id}/close",
    ),
    "admin": (
        "GET /users",
        "POST /users",
        "POST /users/{user_id}/link",
        "POST /users/{user_id}/reset",
        "POST /users/{user_id}/role",
        "POST /users/{user_id}/deactivate",
        "POST /users/{user_id}/reactivate",
        "GET /audit",
    ),
    OWNER: (
        "GET /account",
        "POST /account/name",
        "POST /account/password",
        "POST /account/provider",
        "POST /account/sessions/everywhere/end",
        "POST /account/sessions/{session_id}/end",
        "POST /account/tokens",
        "POST /account/tokens/{token_id}/revoke",
    ),
    METRICS: ("GET /metrics",),
}

NEEDS: Final[Mapping[str, str]] = {
    route: need for table in (_ROUTES, API_ROUTES) for need, routes in table.items() for route in routes
}
"""What a route needs, by its method (WS for a WebSocket) and path."""


def granted(role: str, scope: str | None = None) -> frozenset[str]:
    """What somebody of a role may do, and of that what their token of a scope may.

    A simulated operator may do nothing: it labels by itself, and nobody signs in as it.
    """
    if role not in LADDER:
        return frozenset()
    own = frozenset({OWNER, *_up_to(role)})
    return own if scope is None else own & _up_to(scope)


def scopes_of(role: str) -> tuple[str, ...]:
    """The scopes that somebody of a role may give to a token: at most what they may do themselves."""
    return tuple(scope for scope in SCOPES if _up_to(scope) <= granted(role))


def _up_to(word: str) -> frozenset[str]:
    if word == METRICS:
        return frozenset({METRICS})
    steps = frozenset(LADDER[: LADDER.index(word) + 1])
    return steps | {METRICS} if word == "admin" else steps
