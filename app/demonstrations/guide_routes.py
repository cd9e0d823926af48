"""The page on which a person guides the simulated arm by hand, in one region."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.experiments.models import Region
from app.experiments.repository import ExperimentRepository
from app.platform.errors import Conflict, NotFound
from app.platform.requests import PagesDep, SessionDep
from hndp_core.tasks import get_task

router = APIRouter()


@router.get("/regions/{region_id}/guide")
def guide_page(request: Request, region_id: int, session: SessionDep, pages: PagesDep) -> Response:
    """
    Raises:
        NotFound: no such train region.
        Conflict: the task, or the cell's arm, cannot be guided in the browser.
    """
    region = session.get(Region, region_id)
    if region is None or region.split != "train":
        raise NotFound("train region", region_id)
    experiment = ExperimentRepository(session).get(region.experiment_id)
    task = get_task(experiment.task)
    if task.guiding is None:
        raise Conflict(f"{task.title} cannot be guided by hand: record the teacher, or import a motion.")
    if not experiment.cell.is_simulated:
        raise Conflict(f"The arm of cell {experiment.cell.name} is real: guide it where it stands.")
    context = {
        "experiment": experiment,
        "region": region,
        "words": task.guiding,
        "success_rule": task.success_rule,
        "open": experiment.status == "draft",
    }
    return pages.render(request, "demonstrations/guide.html", context)
