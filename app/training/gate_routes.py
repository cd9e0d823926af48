"""The gates of an experiment and what they came from; running it again where labels were corrected."""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from app.accounts.current_user import CurrentUser
from app.experiments.pages import experiment_head
from app.platform.requests import JobsDep, PagesDep, SessionDep
from app.training.gate_page import view_gates
from app.training.rerun import run_again
from app.trials.agreement import agreement_of

router = APIRouter()


@router.get("/gates")
def gates(request: Request, experiment_id: int, session: SessionDep, pages: PagesDep) -> Response:
    experiment, head = experiment_head(session, experiment_id)
    context = {
        "head": head,
        "experiment": experiment,
        "page": view_gates(session, experiment),
        "agreement": agreement_of(session, experiment_id),
    }
    return pages.render(request, "training/gates.html", context)


@router.post("/run-again")
def run_experiment_again(
    experiment_id: int, user: CurrentUser, session: SessionDep, jobs: JobsDep
) -> Response:
    again = run_again(session, jobs, user, experiment_id)
    return RedirectResponse(f"/experiments/{again.id}", status_code=303)
