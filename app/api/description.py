"""What the API offers, as OpenAPI: made from the routes, and from the table of who may use them."""

from typing import Any, Final

from fastapi import APIRouter, FastAPI

from app.accounts.permissions import NEEDS, OWNER
from app.platform.problem import MEDIA_TYPE, Problem

_METHODS: Final = ("get", "post", "put", "delete")
_REFUSAL: Final = {
    "description": "Refused: `detail` says why and what to do, `errors` names the inputs at fault.",
    "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
_UNCHANGED: Final = {"description": "As it was when its ETag (If-None-Match) was given."}
_ABOUT: Final = (
    "Everything that the pages of the studio do, for programs. Send a token of your account page as "
    "`Authorization: Bearer ...`; a browser that is signed in may ask as well. Lists come in pages: follow "
    "`next`, or the Link header, until it is null."
)


def describe(router: APIRouter) -> dict[str, Any]:
    """The OpenAPI description of the API's routes."""
    bare = FastAPI(title="H-NDP Studio API", version="1", description=_ABOUT)
    bare.include_router(router)
    told = bare.openapi()
    schemas = told["components"]["schemas"]
    for replaced in ("HTTPValidationError", "ValidationError"):
        schemas.pop(replaced, None)
    definition = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= definition.pop("$defs") | {"Problem": definition}
    told["components"]["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer"},
        "session": {"type": "apiKey", "in": "cookie", "name": "hndp_session"},
    }
    told["security"] = [{"token": []}, {"session": []}]
    for path, operations in told["paths"].items():
        for method in _METHODS:
            if method in operations:
                _complete(operations[method], method, path)
    return told


def _complete(operation: dict[str, Any], method: str, path: str) -> None:
    """Add what holds for every operation: refusals, unchanged answers, and who may use it."""
    responses = operation["responses"]
    responses.pop("422", None)
    responses["4XX"] = _REFUSAL
    for failure in ("503", "507"):
        if failure in responses:
            responses[failure] = {**_REFUSAL, "description": responses[failure]["description"]}
    if method == "get" and "application/json" in responses.get("200", {}).get("content", {}):
        responses["304"] = _UNCHANGED
    need = NEEDS[f"{method.upper()} {path}"]
    assert need != OWNER, "a token cannot change an account"
    operation["x-needs"] = need
    operation["description"] = f"{operation.get('description', '')}\n\nNeeds: {need}.".strip()
