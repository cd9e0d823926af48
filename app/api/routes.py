"""The JSON API of all features under one address, its description, and that as a page."""

from functools import cache
from importlib import import_module
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from app.api.description import describe
from app.platform.problem import API_PREFIX
from app.platform.requests import PagesDep

FEATURES: Final = (
    "home",
    "experiments",
    "bin",
    "sample",
    "transfers",
    "demonstrations",
    "training",
    "trials",
    "evaluations",
    "dashboards",
    "cells",
    "accounts",
    "audit",
)
"""Folders of app/ whose api.py offers `router`."""


def _resources() -> APIRouter:
    joined = APIRouter(prefix=API_PREFIX, generate_unique_id_function=lambda route: route.name)
    for feature in FEATURES:
        joined.include_router(import_module(f"app.{feature}.api").router)
    return joined


resources = _resources()
router = APIRouter()
router.include_router(resources)


@cache
def _description() -> dict[str, Any]:
    return describe(resources)


@router.get(f"{API_PREFIX}/openapi.json", include_in_schema=False)
def description() -> JSONResponse:
    return JSONResponse(_description())


@router.get("/api", include_in_schema=False)
def description_page(request: Request, pages: PagesDep) -> Response:
    return pages.render(request, "api/description.html", {"groups": _groups(), "prefix": API_PREFIX})


def _groups() -> dict[str, list[dict[str, Any]]]:
    """The operations by what they are about, as the page lists them."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, operations in _description()["paths"].items():
        for method, operation in operations.items():
            own = operation["tags"][-1]  # those of the routers around it come first
            groups.setdefault(own, []).append(
                {
                    "method": method.upper(),
                    "path": path,
                    "says": operation["description"].rpartition("\n\n")[0],
                    "needs": operation["x-needs"],
                    "parameters": [each for each in operation.get("parameters", ()) if each["in"] == "query"],
                }
            )
    return groups
