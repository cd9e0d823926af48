"""Who may do what: the one table that names, for every route, what it needs.

A route that does not stand here is refused to everybody, so that one that was forgotten is noticed rather
than open. What a need is granted by, is said by the roles, and for programs by the scope of their token.
"""

from collections.abc import Mapping
from typing import Final

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
        "GET /evaluations/{session_id}/queue",
        "GET /evaluations/{session_id}/report",
        "GET /evaluations/{session_id}/trials/{trial_id}",
        "GET /experiments/{experiment_id}/exports",
        "GET /experiments/{experiment_id}/exports/events",
        "GET /transfers/{transfer_id}/file",
        "GET /restore",
        "GET /restore/events",
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
        "GET /api/v1/openapi.json",
        "GET /api/v1/users/me",
        "GET /api/v1/tasks",
        "GET /api/v1/tasks/{task}/rubric",
        "GET /api/v1/methods",
        "GET /api/v1/experiments",
        "GET /api/v1/bin",
        "GET /api/v1/figures/{figure}",
        "GET /api/v1/experiments/{experiment_id}",
        "GET /api/v1/experiments/{experiment_id}/regions",
        "GET /api/v1/experiments/{experiment_id}/iterations",
        "GET /api/v1/experiments/{experiment_id}/iterations/{number}",
        "GET /api/v1/experiments/{experiment_id}/iterations/{number}/curves",
        "GET /api/v1/experiments/{experiment_id}/steps/{step_id}/log",
        "GET /api/v1/experiments/{experiment_id}/gates",
        "GET /api/v1/experiments/{experiment_id}/figures/{figure}",
        "GET /api/v1/experiments/{experiment_id}/figures/{figure}/csv",
        "GET /api/v1/experiments/{experiment_id}/demonstrations",
        "GET /api/v1/experiments/{experiment_id}/motions",
        "GET /api/v1/demonstrations/{demonstration_id}",
        "GET /api/v1/demonstrations/{demonstration_id}/record",
        "GET /api/v1/demonstrations/{demonstration_id}/curves",
        "GET /api/v1/motions/{motion_id}",
        "GET /api/v1/trials",
        "GET /api/v1/trials/{trial_id}",
        "GET /api/v1/trials/{trial_id}/record",
        "GET /api/v1/trials/{trial_id}/curves",
        "GET /api/v1/queue",
        "GET /api/v1/policies",
        "GET /api/v1/evaluations",
        "GET /api/v1/evaluations/{evaluation_id}",
        "GET /api/v1/evaluations/{evaluation_id}/queue",
        "GET /api/v1/evaluations/{evaluation_id}/trials/{trial_id}",
        "GET /api/v1/evaluations/{evaluation_id}/report",
        "GET /api/v1/cells",
        "GET /api/v1/cells/{cell_id}",
        "GET /api/v1/cells/{cell_id}/state",
        "GET /api/v1/cells/{cell_id}/events",
        "POST /api/v1/cells/{cell_id}/stop",
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
        "POST /cells/{cell_id}/take",
        "POST /cells/{cell_id}/release",
        "POST /cells/{cell_id}/go_on",
        "POST /cells/{cell_id}/recover",
        "POST /cells/{cell_id}/scene_matches",
        "POST /trials/{trial_id}/live-label",
        "WS /regions/{region_id}/guide/channel",
        "POST /api/v1/experiments/{experiment_id}/demonstrations/record-owed",
        "POST /api/v1/experiments/{experiment_id}/demonstrations/accept-all",
        "POST /api/v1/experiments/{experiment_id}/motions",
        "POST /api/v1/demonstrations/{demonstration_id}/replay",
        "POST /api/v1/demonstrations/{demonstration_id}/{act}",
        "POST /api/v1/motions/{motion_id}/keep",
        "POST /api/v1/motions/{motion_id}/{act}",
        "POST /api/v1/trials/{trial_id}/labels",
        "POST /api/v1/labels/undo",
        "POST /api/v1/queue/reservations",
        "POST /api/v1/queue/leave",
        "POST /api/v1/evaluations/{evaluation_id}/trials/{trial_id}/labels",
        "POST /api/v1/cells/{cell_id}/take",
        "POST /api/v1/cells/{cell_id}/release",
        "POST /api/v1/cells/{cell_id}/recover",
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
        "POST /api/v1/experiments",
        "POST /api/v1/experiments/{experiment_id}/start",
        "POST /api/v1/experiments/{experiment_id}/pause",
        "POST /api/v1/experiments/{experiment_id}/resume",
        "POST /api/v1/experiments/{experiment_id}/cancel",
        "POST /api/v1/experiments/{experiment_id}/bin",
        "POST /api/v1/experiments/{experiment_id}/bring-back",
        "POST /api/v1/experiments/{experiment_id}/run-again",
        "POST /api/v1/experiments/{experiment_id}/steps/{step_id}/retry",
        "PUT /api/v1/tasks/{task}/rubric",
        "DELETE /api/v1/tasks/{task}/rubric",
        "POST /api/v1/evaluations",
        "DELETE /api/v1/evaluations/{evaluation_id}",
        "POST /api/v1/evaluations/{evaluation_id}/close",
        "POST /api/v1/evaluations/{evaluation_id}/{act}",
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
        "GET /api/v1/users",
        "POST /api/v1/users",
        "GET /api/v1/users/{user_id}",
        "PUT /api/v1/users/{user_id}/role",
        "POST /api/v1/users/{user_id}/{act}",
        "GET /api/v1/audit",
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

NEEDS: Final[Mapping[str, str]] = {route: need for need, routes in _ROUTES.items() for route in routes}
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
