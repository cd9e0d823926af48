"""Experiments and their regions."""

from collections.abc import Callable
from typing import Annotated, Literal

from fastapi import Query
from sqlalchemy.orm import Session

from app.accounts.current_user import CurrentUser
from app.api.creation import MakerDep
from app.api.paging import Page, PagerDep
from app.api.resource_route import IfMatch, RowId, check_unchanged, resource_router
from app.experiments.models import Experiment
from app.experiments.plan_api import router as plan_router
from app.experiments.repository import ExperimentRepository
from app.experiments.resources import (
    ExperimentPlan,
    ExperimentResource,
    RegionResource,
)
from app.experiments.service import cancel, create_experiment, pause, resume, start
from app.platform.durable import Jobs
from app.platform.requests import JobsDep, SessionDep, SettingsDep
from app.trials.repository import TrialRepository

router = resource_router("Experiments")

Status = Literal["draft", "running", "paused", "finished", "cancelled", "failed"]


@router.get("/experiments")
def list_experiments(
    session: SessionDep,
    pager: PagerDep,
    status: Status | None = None,
    task: Annotated[str, Query(max_length=80, description="With its level, or at all levels.")] = "",
) -> Page[ExperimentResource]:
    """All experiments, newest first."""
    experiments = ExperimentRepository(session)
    rows = pager.newest_first(session, experiments.selected(status, task), Experiment.id)
    begun, waiting = experiments.begun_iterations(), TrialRepository(session).waiting_by_experiment()
    return pager.page(
        rows, lambda row: ExperimentResource.of(row, begun.get(row.id, 0), waiting.get(row.id, 0))
    )


@router.post("/experiments", status_code=201)
def create_an_experiment(
    plan: ExperimentPlan, user: CurrentUser, session: SessionDep, settings: SettingsDep, maker: MakerDep
) -> ExperimentResource:
    """Store a plan as a draft, with its regions."""
    read = plan.read()
    made = maker.once(
        "experiments",
        plan.model_dump_json().encode(),
        lambda: create_experiment(session, user, read, settings.cell_name).id,
    )
    return _present(session, made)


@router.get("/experiments/{experiment_id}")
def get_experiment(experiment_id: RowId, session: SessionDep) -> ExperimentResource:
    """One experiment."""
    return _present(session, experiment_id)


@router.post("/experiments/{experiment_id}/start")
def start_experiment(
    experiment_id: RowId, session: SessionDep, jobs: JobsDep, if_match: IfMatch = None
) -> ExperimentResource:
    """Start the refinement; every train region needs an accepted demonstration."""
    return _act(session, jobs, experiment_id, if_match, start)


@router.post("/experiments/{experiment_id}/pause")
def pause_experiment(
    experiment_id: RowId, session: SessionDep, jobs: JobsDep, if_match: IfMatch = None
) -> ExperimentResource:
    """Hold after the present training step or rollout."""
    return _act(session, jobs, experiment_id, if_match, pause)


@router.post("/experiments/{experiment_id}/resume")
def resume_experiment(
    experiment_id: RowId, session: SessionDep, jobs: JobsDep, if_match: IfMatch = None
) -> ExperimentResource:
    """Go on after a pause."""
    return _act(session, jobs, experiment_id, if_match, resume)


@router.post("/experiments/{experiment_id}/cancel")
def cancel_experiment(
    experiment_id: RowId, session: SessionDep, jobs: JobsDep, if_match: IfMatch = None
) -> ExperimentResource:
    """End for good; what was recorded and trained stays."""
    return _act(session, jobs, experiment_id, if_match, cancel)


@router.get("/experiments/{experiment_id}/regions")
def list_regions(experiment_id: RowId, session: SessionDep) -> list[RegionResource]:
    """All regions of an experiment, train ones first; there are at most 200."""
    experiments = ExperimentRepository(session)
    experiments.get(experiment_id)
    return [RegionResource.of(each) for each in experiments.regions(experiment_id)]


def _act(
    session: Session,
    jobs: Jobs,
    experiment_id: int,
    if_match: str | None,
    act: Callable[[Session, Jobs, int], object],
) -> ExperimentResource:
    ExperimentRepository(session).locked(experiment_id)
    check_unchanged(if_match, _present(session, experiment_id))
    act(session, jobs, experiment_id)
    return _present(session, experiment_id)


def _present(session: Session, experiment_id: int) -> ExperimentResource:
    row = ExperimentRepository(session).get(experiment_id)
    iterations = ExperimentRepository(session).begun_iterations().get(experiment_id, 0)
    waiting = TrialRepository(session).waiting_counts(experiment_id)
    return ExperimentResource.of(row, iterations, sum(waiting.values()))


router.include_router(plan_router)
