"""For what watches over the studio: alive, ready, metrics."""

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from app.platform.errors import StartUpError
from app.platform.migration import require_current
from app.platform.requests import DatabaseDep

router = APIRouter()
log = structlog.get_logger()


@router.get("/health")
def health() -> dict[str, str]:
    """The process answers: restart it where it does not."""
    return {"status": "ok"}


@router.get("/ready")
def ready(database: DatabaseDep) -> Response:
    """The database answers and has the tables of this code: send people here only then."""
    try:
        require_current(database)
    except StartUpError as reason:
        log.warning("not ready", reason=reason.message)
        return JSONResponse({"status": "not ready", "reason": type(reason).__name__}, 503)
    return JSONResponse({"status": "ready"})


@router.get("/metrics")
def metrics(request: Request) -> Response:
    return Response(generate_latest(request.app.state.registry), media_type=CONTENT_TYPE_LATEST)
