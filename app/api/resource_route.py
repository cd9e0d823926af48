"""Routes of the API: an answer that can be asked for again has an entity tag, and is not sent twice."""

import json
from collections.abc import Callable, Coroutine
from hashlib import sha256
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Path
from fastapi.requests import Request
from fastapi.responses import Response
from fastapi.routing import APIRoute
from pydantic import BaseModel

from app.platform.errors import PreconditionFailed

GREATEST_ID: Final = 2**31 - 1
"""What the column of a number holds on every database."""

RowId = Annotated[int, Path(ge=1, le=GREATEST_ID)]
IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        max_length=200,
        description="The ETag that was read: nothing is changed (412) where the resource is another by now.",
    ),
]


class ResourceRoute(APIRoute):
    """Answers 304 to a GET whose asker has the answer already (If-None-Match)."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handle_tagged(request: Request) -> Response:
            answer = await handle(request)
            is_json = answer.headers.get("content-type", "").startswith("application/json")
            if request.method != "GET" or answer.status_code != 200 or not is_json:
                return answer
            tag = _tag(json.loads(bytes(answer.body)))
            headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
            if _names(request.headers.get("if-none-match", ""), tag):
                return Response(status_code=304, headers=headers)
            answer.headers.update(headers)
            return answer

        return handle_tagged


def resource_router(tag: str) -> APIRouter:
    """A router for one kind of resource; `tag` groups it in the description."""
    return APIRouter(route_class=ResourceRoute, tags=[tag])


def check_unchanged(if_match: str | None, present: BaseModel) -> None:
    """Refuse a change that was decided on from an older state of the resource.

    Raises:
        PreconditionFailed: `if_match` is given and names another state than the present one.
    """
    if if_match is not None and not _names(if_match, _tag(present.model_dump(mode="json"))):
        raise PreconditionFailed(
            "This has changed since it was read, so nothing was changed. Read it again, then decide."
        )


def _tag(content: Any) -> str:
    """The entity tag of a JSON value."""
    told = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return f'"{sha256(told.encode()).hexdigest()[:32]}"'


def _names(header: str, tag: str) -> bool:
    """Whether a list of entity tags holds one, or is `*`. A proxy that compresses makes tags weak."""
    told = [each.strip().removeprefix("W/") for each in header.split(",")]
    return tag in told or told == ["*"]
