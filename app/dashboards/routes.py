"""All dashboards: over all experiments, and that of one."""

from fastapi import APIRouter

from app.dashboards.experiment_routes import router as experiment_router
from app.dashboards.studio_routes import router as studio_router

router = APIRouter()
router.include_router(studio_router)
router.include_router(experiment_router)
