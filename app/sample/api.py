"""The sample: where it is, and loading it."""

from typing import Any

from app.accounts.current_user import CurrentUser
from app.api.resource_route import resource_router
from app.platform.requests import JobsDep, SessionDep, SettingsDep
from app.sample.resources import SampleResource
from app.sample.service import find_sample, load_sample

router = resource_router("Experiments")

_NO_SAMPLE: dict[int | str, dict[str, Any]] = {
    503: {"description": "Its archive did not come with this studio, or not whole."}
}


@router.get("/sample")
def get_sample(session: SessionDep) -> SampleResource:
    """Where the sample is, an experiment to look around in."""
    return SampleResource.of(find_sample(session))


@router.post("/sample", status_code=202, responses=_NO_SAMPLE)
def load_the_sample(
    user: CurrentUser, session: SessionDep, jobs: JobsDep, settings: SettingsDep
) -> SampleResource:
    """Have a worker load the sample. Where it is here already, in the bin too, nothing is done."""
    return SampleResource.of(load_sample(session, jobs, settings.artefacts, user))
