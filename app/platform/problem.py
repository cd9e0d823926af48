"""Errors of the JSON API: problem details (RFC 9457), which say what is wrong, where, and what to do."""

from http import HTTPStatus
from typing import Final, Literal

from fastapi.responses import JSONResponse
from pydantic import BaseModel

API_PREFIX: Final = "/api/v1"
MEDIA_TYPE: Final = "application/problem+json"


class FieldProblem(BaseModel):
    """What is wrong with one input; `field` names it, nested ones with dots."""

    field: str
    detail: str


class Problem(BaseModel):
    """Why a request was refused. `detail` is a sentence for people that names the remedy."""

    type: Literal["about:blank"] = "about:blank"
    title: str
    status: int
    detail: str
    errors: list[FieldProblem] = []


def problem_answer(status_code: int, detail: str, errors: list[FieldProblem]) -> JSONResponse:
    """The answer to a program whose request is refused; one that is not signed in is told how to be."""
    problem = Problem(title=HTTPStatus(status_code).phrase, status=status_code, detail=detail, errors=errors)
    headers = {"WWW-Authenticate": "Bearer"} if status_code == HTTPStatus.UNAUTHORIZED else None
    return JSONResponse(problem.model_dump(), status_code, headers, MEDIA_TYPE)
