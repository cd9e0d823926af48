"""The time line of an experiment, live; a step's log and retry; loss curves."""

import json
from collections.abc import Callable, Sequence
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response
from sqlalchemy.orm import Session

from app.experiments.live_fragments import live_response
from app.experiments.pages import experiment_head
from app.experiments.repository import ExperimentRepository
from app.experiments.service import cancel, missing_demonstrations, pause, resume, retry_step, start
from app.platform.durable import Jobs
from app.platform.errors import NotFound
from app.platform.model import now
from app.platform.pages import Pages
from app.platform.requests import DatabaseDep, JobsDep, PagesDep, SessionDep
from app.sample.service import SAMPLE_NAME
from app.training.gate_routes import router as gate_router
from app.training.models import Iteration
from app.training.time_line import (
    TITLES,
    curves,
    data_source,
    plan_kinds,
    view_iterations,
    view_present,
    words_of,
)
from app.trials.repository import TrialRepository
from hndp_core.tasks import get_task

router = APIRouter(prefix="/experiments/{experiment_id}")
router.include_router(gate_router)


@router.get("")
def show(request: Request, experiment_id: int, session: SessionDep, pages: PagesDep) -> Response:
    return pages.render(request, "training/time_line.html", _time_line(session, experiment_id))


@router.get("/events")
def events(experiment_id: int, session: SessionDep, database: DatabaseDep, pages: PagesDep) -> Response:
    experiment_head(session, experiment_id)

    def render() -> dict[str, str]:
        with database.reading() as reading:
            return _fragments(pages, _time_line(reading, experiment_id))

    return live_response(render)


@router.post("/start")
def start_refinement(
    request: Request, experiment_id: int, session: SessionDep, jobs: JobsDep, pages: PagesDep
) -> Response:
    return _act(request, session, jobs, pages, experiment_id, start)


@router.post("/pause")
def pause_refinement(
    request: Request, experiment_id: int, session: SessionDep, jobs: JobsDep, pages: PagesDep
) -> Response:
    return _act(request, session, jobs, pages, experiment_id, pause)


@router.post("/resume")
def resume_refinement(
    request: Request, experiment_id: int, session: SessionDep, jobs: JobsDep, pages: PagesDep
) -> Response:
    return _act(request, session, jobs, pages, experiment_id, resume)


@router.post("/cancel")
def cancel_refinement(
    request: Request, experiment_id: int, session: SessionDep, jobs: JobsDep, pages: PagesDep
) -> Response:
    return _act(request, session, jobs, pages, experiment_id, cancel)


@router.post("/steps/{step_id}/retry")
def retry(experiment_id: int, step_id: int, session: SessionDep, jobs: JobsDep) -> Response:
    retry_step(session, jobs, experiment_id, step_id)
    said = {"toast": {"message": "The step is asked to run again; it starts when a process is free."}}
    return Response(status_code=204, headers={"HX-Trigger": json.dumps(said)})


@router.get("/steps/{step_id}/log")
def step_log(experiment_id: int, step_id: int, session: SessionDep) -> Response:
    step = ExperimentRepository(session).step(experiment_id, step_id)
    return PlainTextResponse(step.log or f"{TITLES[step.kind]} has left no log.")


@router.get("/iterations/{number}/curves.json")
def loss_curves(experiment_id: int, number: int, session: SessionDep) -> dict[str, Any]:
    for each in ExperimentRepository(session).iterations(experiment_id):
        if each.number == number:
            return curves(each)
    raise NotFound("iteration", number)


def _act(
    request: Request,
    session: Session,
    jobs: Jobs,
    pages: Pages,
    experiment_id: int,
    act: Callable[[Session, Jobs, int], object],
) -> Response:
    act(session, jobs, experiment_id)
    return pages.render(request, "training/_acted.html", _time_line(session, experiment_id))


def _time_line(session: Session, experiment_id: int) -> dict[str, Any]:
    experiment, head = experiment_head(session, experiment_id)
    iterations = ExperimentRepository(session).iterations(experiment_id)
    missing = missing_demonstrations(session, experiment) if experiment.status == "draft" else []
    waiting = TrialRepository(session).waiting_counts(experiment_id)
    present = now()
    return {
        "head": head,
        "experiment": experiment,
        "workspace": get_task(experiment.task).workspace,
        "missing": missing,
        "present": view_present(experiment, iterations, missing, waiting, present),
        "data_source": data_source(experiment),
        "columns": [(kind, words_of(experiment)[kind][0]) for kind in plan_kinds(experiment)],
        "iterations": view_iterations(experiment, iterations, present),
        "curves": _curves(iterations),
        "is_sample": experiment.name == SAMPLE_NAME,
    }


def _fragments(pages: Pages, context: dict[str, Any]) -> dict[str, str]:
    """The parts of the page that change, one event each, so that a change leaves the rest alone."""
    cells = {
        f"step-{row.number}-{kind}": pages.fragment("training/_step.html", step=step, head=context["head"])
        for row in context["iterations"]
        for (kind, _), step in zip(context["columns"], row.steps, strict=True)
        if step is not None
    }
    rows = {
        f"iteration-{row.number}": pages.fragment("training/_iteration.html", row=row)
        for row in context["iterations"]
    }
    return {
        "head": pages.fragment("training/_head.html", **context),
        "acts": pages.fragment("training/_acts.html", **context),
        "present": pages.fragment("training/_present.html", **context),
        **rows,
        **cells,
        "curves": json.dumps(context["curves"]),
    }


def _curves(iterations: Sequence[Iteration]) -> dict[str, Any]:
    """Loss curves of the newest iteration that has some, and the numbers of all that have."""
    trained = [each for each in iterations if any(step.curve for step in each.steps)]
    newest = curves(trained[-1]) if trained else {"iteration": None, "steps": []}
    return {"iterations": [each.number for each in trained], **newest}
