"""The web application: one factory that puts the features together.

Imports neither torch nor mujoco, directly or through a feature: the page must be there within seconds.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module

from fastapi import Depends, FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.middleware.sessions import SessionMiddleware

from app.accounts.current_user import current_user
from app.accounts.routes import router as accounts_router
from app.cells.acts import router as cell_acts_router
from app.cells.cell_client import CellClient
from app.cells.channel import router as cell_channel_router
from app.demonstrations.guide_channel import router as guide_channel_router
from app.platform.browser_safety import BrowserSafety
from app.platform.database import Database
from app.platform.durable import Jobs
from app.platform.error_pages import install_error_pages
from app.platform.logs import configure_logs
from app.platform.pages import STATIC, Pages
from app.platform.session_key import session_key
from app.platform.settings import Settings
from app.platform.uploads import Uploads
from app.trials.live_routes import router as live_label_router

SESSION_SECONDS = 14 * 24 * 3600

FEATURES = ("home", "experiments", "demonstrations", "trials", "training", "dashboards", "cells")
"""Folders of app/ whose routes.py offers `router`; its pages are for signed-in users only. What people do to
an arm looks its user up by itself: it may not wait for the request's transaction."""


def create_app(settings: Settings) -> FastAPI:
    """Build the web application; the database must already have its tables."""
    configure_logs()
    app = FastAPI(title="H-NDP Studio", docs_url=None, redoc_url=None, lifespan=_lifespan)
    app.state.settings = settings
    app.state.database = Database(settings.resolved_database_url)
    app.state.jobs = Jobs(app.state.database.engine)
    app.state.pages = Pages()
    app.state.cell_client = CellClient()
    install_error_pages(app)
    app.add_middleware(
        SessionMiddleware,
        secret_key=session_key(settings),
        session_cookie="hndp_session",
        max_age=SESSION_SECONDS,
        same_site="lax",
    )
    app.add_middleware(Uploads)
    app.add_middleware(BrowserSafety)
    app.add_api_route("/health", lambda: {"status": "ok"}, methods=["GET"])
    app.include_router(accounts_router)
    for feature in FEATURES:
        router = import_module(f"app.{feature}.routes").router
        app.include_router(router, dependencies=[Depends(current_user)])
    app.include_router(cell_acts_router)
    app.include_router(live_label_router)
    app.include_router(cell_channel_router)
    app.include_router(guide_channel_router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    yield
    await app.state.cell_client.close()
    app.state.jobs.close()
    app.state.database.close()
