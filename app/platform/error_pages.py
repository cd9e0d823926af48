"""Every error becomes one clear message: a page for browsers, a fragment for htmx, JSON for programs."""

from collections.abc import Mapping

import structlog
from fastapi import FastAPI, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from sqlalchemy.exc import DataError, IntegrityError
from starlette.exceptions import HTTPException

from app.platform.errors import AppError, InvalidInputs
from app.platform.problem import API_PREFIX, FieldProblem, problem_answer
from hndp_core.errors import HndpError, StorageFull

log = structlog.get_logger()


def install_error_pages(app: FastAPI) -> None:
    """Register one handler per family of errors."""
    app.add_exception_handler(AppError, _on_app_error)
    app.add_exception_handler(HndpError, _on_core_error)
    app.add_exception_handler(RequestValidationError, _on_bad_input)
    app.add_exception_handler(IntegrityError, _on_conflict)
    app.add_exception_handler(DataError, _on_impossible_value)
    app.add_exception_handler(OverflowError, _on_impossible_value)
    app.add_exception_handler(HTTPException, _on_http_error)
    app.add_exception_handler(Exception, _on_surprise)


def answer(
    request: Request,
    status_code: int,
    message: str,
    *,
    field: str | None = None,
    fields: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Render one error the way that the asker can read; `fields` says what is wrong with each input."""
    context = {"status_code": status_code, "message": message, "field": field}
    if request.url.path.startswith(f"{API_PREFIX}/"):
        fields = fields or ({field: message} if field else {})
        errors = [FieldProblem(field=name, detail=told) for name, told in fields.items()]
        response = problem_answer(status_code, message, errors)
    elif request.headers.get("HX-Request") == "true":
        response = request.app.state.pages.render(
            request, "platform/error_fragment.html", context, status_code
        )
    elif "text/html" in request.headers.get("accept", ""):
        response = request.app.state.pages.render(request, "platform/error.html", context, status_code)
    else:
        response = JSONResponse({"error": message, "field": field}, status_code)
    response.headers.update(headers or {})
    return response


def _on_app_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, AppError)
    fields = error.errors if isinstance(error, InvalidInputs) else None
    return answer(request, error.status_code, error.message, field=error.field, fields=fields)


def _on_core_error(request: Request, error: Exception) -> Response:
    status_code = 507 if isinstance(error, StorageFull) else 422
    return answer(request, status_code, str(error), field=getattr(error, "field", None))


def _on_bad_input(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    problems = jsonable_encoder(error.errors(), exclude={"ctx", "input", "url"})
    fields = [".".join(str(part) for part in problem["loc"][1:]) for problem in problems]
    lines = [f"{field}: {problem['msg']}" for field, problem in zip(fields, problems, strict=True)]
    told = {field: problem["msg"] for field, problem in zip(fields, problems, strict=True) if field}
    return answer(request, 422, "; ".join(lines), field=fields[0] if fields else None, fields=told)


def _on_conflict(request: Request, error: Exception) -> Response:
    log.warning("conflict", path=request.url.path, error=str(error))
    return answer(
        request,
        409,
        "That does not fit what is stored: somebody may have changed it at the same time. Nothing was "
        "saved; reload the page and try again.",
    )


def _on_impossible_value(request: Request, error: Exception) -> Response:
    """A number beyond what a column holds, or a character that no text has: nothing is stored under it."""
    log.info("impossible value", path=request.url.path, error=str(error))
    return answer(
        request, 422, "A value here is too large to be right. Go back to the page and choose again."
    )


def _on_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    message = error.detail
    if error.status_code == 404 and message == "Not Found":
        message = f"There is nothing at {request.url.path}. Go back to the home page and follow a link."
    return answer(request, error.status_code, message, headers=error.headers)


def _on_surprise(request: Request, error: Exception) -> Response:
    log.error("unexpected error", path=request.url.path, exc_info=error)
    return answer(
        request,
        500,
        "The studio made an error; nothing was saved. The terminal it runs in shows what happened.",
    )
