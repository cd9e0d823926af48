"""Iterations, steps and gates of an experiment; running a step, or an experiment, again."""

from typing import Any

from fastapi.responses import PlainTextResponse, Response

from app.accounts.current_user import CurrentUser
from app.api.creation import MakerDep
from app.api.resource_route import RowId, resource_router
from app.experiments.repository import ExperimentRepository
from app.experiments.service import missing_demonstrations, retry_step
from app.platform.errors import NotFound
from app.platform.model import now
from app.platform.requests import JobsDep, SessionDep
from app.training.gate_page import view_gates
from app.training.models import Iteration
from app.training.rerun import run_again
from app.training.resources import (
    GatesResource,
    IterationResource,
    LossCurves,
    PresentResource,
    StepResource,
)
from app.training.time_line import curves, view_present
from app.trials.agreement import agreement_of
from app.trials.repository import TrialRepository

router = resource_router("Training")


@router.get("/experiments/{experiment_id}/present")
def get_present(experiment_id: RowId, session: SessionDep) -> PresentResource:
    """What happens now, who has to do what, and how long the machines still take."""
    experiments = ExperimentRepository(session)
    experiment = experiments.get(experiment_id)
    missing = missing_demonstrations(session, experiment) if experiment.status == "draft" else []
    waiting = TrialRepository(session).waiting_counts(experiment_id)
    view = view_present(experiment, experiments.iterations(experiment_id), missing, waiting, now())
    return PresentResource.of(view, missing)


@router.get("/experiments/{experiment_id}/iterations")
def list_iterations(experiment_id: RowId, session: SessionDep) -> list[IterationResource]:
    """The iterations that were begun, with their steps; there are at most 100."""
    experiments = ExperimentRepository(session)
    experiments.get(experiment_id)
    return [IterationResource.of(each) for each in experiments.iterations(experiment_id)]


@router.get("/experiments/{experiment_id}/iterations/{number}")
def get_iteration(experiment_id: RowId, number: RowId, session: SessionDep) -> IterationResource:
    """One iteration with its steps."""
    return IterationResource.of(_iteration(session, experiment_id, number))


@router.get("/experiments/{experiment_id}/iterations/{number}/curves")
def get_loss_curves(experiment_id: RowId, number: RowId, session: SessionDep) -> LossCurves:
    """Loss curves of an iteration."""
    told: dict[str, Any] = curves(_iteration(session, experiment_id, number))
    return LossCurves.model_validate(told)


@router.get(
    "/experiments/{experiment_id}/steps/{step_id}/log",
    response_class=PlainTextResponse,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
def get_step_log(experiment_id: RowId, step_id: RowId, session: SessionDep) -> Response:
    """What a step has written; empty where it wrote nothing."""
    return PlainTextResponse(ExperimentRepository(session).step(experiment_id, step_id).log or "")


@router.post("/experiments/{experiment_id}/steps/{step_id}/retry", status_code=202)
def retry_a_step(experiment_id: RowId, step_id: RowId, session: SessionDep, jobs: JobsDep) -> StepResource:
    """Run a failed step again, once a process is free."""
    retry_step(session, jobs, experiment_id, step_id)
    return StepResource.of(ExperimentRepository(session).step(experiment_id, step_id))


@router.get("/experiments/{experiment_id}/gates")
def get_gates(experiment_id: RowId, session: SessionDep) -> GatesResource:
    """Gates with the label events that they came from, and whether these were corrected since."""
    experiment = ExperimentRepository(session).get(experiment_id)
    return GatesResource.of(view_gates(session, experiment), agreement_of(session, experiment_id))


@router.post("/experiments/{experiment_id}/run-again", status_code=201)
def run_an_experiment_again(
    experiment_id: RowId, user: CurrentUser, session: SessionDep, jobs: JobsDep, maker: MakerDep
) -> dict[str, int]:
    """Start a copy from the first iteration with an outdated gate; the answer holds its `experiment_id`."""
    made = maker.once(
        "experiments",
        f"{experiment_id} again".encode(),
        lambda: run_again(session, jobs, user, experiment_id).id,
    )
    return {"experiment_id": made}


def _iteration(session: SessionDep, experiment_id: int, number: int) -> Iteration:
    experiments = ExperimentRepository(session)
    experiments.get(experiment_id)
    for each in experiments.iterations(experiment_id):
        if each.number == number:
            return each
    raise NotFound("iteration", number)
