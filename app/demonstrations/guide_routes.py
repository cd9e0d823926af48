"""The page on which a person guides an arm by hand, in one region: the simulated one, or a real one."""

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
        Conflict: the task cannot be guided on the simulated arm.
    """
    region = session.get(Region, region_id)
    if region is None or region.split != "train":
        raise NotFound("train region", region_id)
    experiment = ExperimentRepository(session).get(region.experiment_id)
    task = get_task(experiment.task)
    simulated = experiment.cell.is_simulated
    if simulated and task.guiding is None:
        raise Conflict(f"{task.title} cannot be guided by hand: record the teacher, or import a motion.")
    context = {
        "experiment": experiment,
        "region": region,
        "words": task.guiding,
        "success_rule": task.success_rule,
        "open": experiment.status == "draft",
    }
    page = "demonstrations/guide.html" if simulated else "demonstrations/guide_arm.html"
    return pages.render(request, page, context)
