"""The page of the sample: it asks for it, follows it while it is loaded, and leads to it."""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from app.accounts.current_user import CurrentUser
from app.platform.requests import JobsDep, PagesDep, SessionDep, SettingsDep
from app.sample.service import find_sample, load_sample

router = APIRouter()


@router.get("/sample")
def show(request: Request, session: SessionDep, pages: PagesDep) -> Response:
    sample = find_sample(session)
    if sample.state == "here" and "HX-Request" in request.headers:  # from the page that waited for it
        return Response(headers={"HX-Redirect": f"/experiments/{sample.experiment_id}"})
    return pages.render(request, "sample/show.html", {"sample": sample})


@router.post("/sample")
def load(user: CurrentUser, session: SessionDep, jobs: JobsDep, settings: SettingsDep) -> Response:
    load_sample(session, jobs, settings.artefacts, user)
    return RedirectResponse("/sample", status_code=303)
