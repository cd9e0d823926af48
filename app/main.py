"""The web application: one factory that puts the features together.

Imports neither torch nor mujoco, directly or through a feature: the page must be there within seconds.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module

from fastapi import Depends, FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.middleware.sessions import SessionMiddleware

from app.accounts.current_user import permitted
from app.accounts.open_connections import OpenConnections
from app.accounts.sign_in import SESSION_LIFE
from app.accounts.sign_in_limits import SignInLimits
from app.cells.acts import router as cell_acts_router
from app.cells.cell_client import CellClient
from app.cells.channel import router as cell_channel_router
from app.demonstrations.guide_channel import router as guide_channel_router
from app.operations.latency import Latency
from app.operations.metrics import make_registry
from app.platform.browser_safety import BrowserSafety
from app.platform.database import Database
from app.platform.durable import Jobs
from app.platform.error_pages import install_error_pages
from app.platform.logs import configure_logs
from app.platform.pages import STATIC, Pages
from app.platform.route_paths import RoutePaths
from app.platform.session_key import session_key
from app.platform.settings import Settings
from app.platform.uploads import Uploads
from app.transfers.api import UPLOAD_PATH
from app.transfers.upload_routes import ARCHIVE_PATH
from app.transfers.upload_routes import router as upload_router
from app.trials.live_routes import router as live_label_router

FEATURES = (
    "operations",
    "accounts",
    "audit",
    "home",
    "experiments",
    "demonstrations",
    "trials",
    "training",
    "evaluations",
    "dashboards",
    "cells",
    "transfers",
    "sample",
    "bin",
    "api",
)
"""Folders of app/ whose routes.py offers `router`. Who may use a route is said in accounts/permissions.py."""


def create_app(settings: Settings) -> FastAPI:
    """Build the web application; the database must already have its tables."""
    configure_logs()
    app = FastAPI(
        title="H-NDP Studio",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,  # its route would stand outside the permissions
        lifespan=_lifespan,
        dependencies=[Depends(permitted)],
    )
    app.state.settings = settings
    app.state.database = Database(settings.resolved_database_url)
    app.state.jobs = Jobs(app.state.database.engine)
    app.state.pages = Pages()
    app.state.cell_client = CellClient()
    app.state.sign_in_limits = SignInLimits()
    app.state.open_connections = OpenConnections(app.state.database)
    app.state.registry = make_registry(app.state.database, app.state.jobs)
    install_error_pages(app)
    app.add_middleware(
        SessionMiddleware,
        secret_key=session_key(settings),
        session_cookie="__Host-hndp_session" if settings.is_https else "hndp_session",
        max_age=int(SESSION_LIFE.total_seconds()),
        same_site="lax",
        https_only=settings.is_https,
    )
    app.add_middleware(Uploads, streamed={ARCHIVE_PATH, UPLOAD_PATH})
    app.add_middleware(BrowserSafety, is_https=settings.is_https)
    app.add_middleware(Latency, registry=app.state.registry)
    for feature in FEATURES:
        app.include_router(import_module(f"app.{feature}.routes").router)
    app.include_router(cell_acts_router)
    app.include_router(live_label_router)
    app.include_router(cell_channel_router)
    app.include_router(guide_channel_router)
    app.include_router(upload_router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.state.route_paths = RoutePaths(app)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    yield
    await app.state.cell_client.close()
    app.state.jobs.close()
    app.state.database.close()
