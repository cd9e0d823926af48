"""The bin of experiments: its page, and the acts on them."""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.background import BackgroundTask

from app.accounts.current_user import CurrentUser
from app.bin.service import bring_back, delete_for_good, throw_away
from app.experiments.repository import ExperimentRepository
from app.platform.requests import JobsDep, PagesDep, SessionDep, SettingsDep

router = APIRouter()


@router.get("/bin")
def show(request: Request, session: SessionDep, settings: SettingsDep, pages: PagesDep) -> Response:
    context = {
        "experiments": ExperimentRepository(session).binned(),
        "keep_days": settings.keep_binned_days,
    }
    return pages.render(request, "bin/show.html", context)


@router.post("/experiments/{experiment_id}/bin")
def put_into_bin(experiment_id: int, user: CurrentUser, session: SessionDep) -> Response:
    throw_away(session, user, experiment_id)
    return RedirectResponse("/bin", status_code=303)


@router.post("/experiments/{experiment_id}/bring-back")
def take_out(experiment_id: int, user: CurrentUser, session: SessionDep) -> Response:
    bring_back(session, user, experiment_id)
    return RedirectResponse(f"/experiments/{experiment_id}", status_code=303)


@router.post("/experiments/{experiment_id}/delete")
def delete(
    experiment_id: int, user: CurrentUser, session: SessionDep, settings: SettingsDep, jobs: JobsDep
) -> Response:
    """Its files go after the answer, once the deletion is committed."""
    remains = delete_for_good(session, user, experiment_id)
    task = BackgroundTask(remains.clear, settings.artefacts, jobs)
    return RedirectResponse("/bin", status_code=303, background=task)
