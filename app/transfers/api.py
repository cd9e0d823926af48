"""Data sets, archives and restored experiments: jobs of a worker, whose answers tell how far they are."""

from typing import Annotated, Any, Final

from fastapi import Query, Request
from fastapi.responses import Response

from app.accounts.current_user import CurrentUser
from app.api.creation import CreationKey, MakerDep
from app.api.paging import Page, PagerDep
from app.api.resource_route import RowId, resource_router
from app.experiments.repository import ExperimentRepository
from app.platform.problem import API_PREFIX
from app.platform.requests import DatabaseDep, JobsDep, SessionDep, SettingsDep
from app.transfers.archive_reception import LONGEST_NAME, ArchiveReceptionDep
from app.transfers.download import MEDIA_TYPE, file_answer
from app.transfers.models import Transfer
from app.transfers.repository import TransferRepository
from app.transfers.resources import DatasetPlan, TransferResource
from app.transfers.service import request_archive, request_dataset

router = resource_router("Transfers")

RESTORATIONS_PATH: Final = "/restorations"
UPLOAD_PATH: Final = API_PREFIX + RESTORATIONS_PATH
"""Where a body of any size is taken as it comes."""

_ZIP: Final[dict[str, Any]] = {MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}}


@router.get("/experiments/{experiment_id}/exports")
def list_exports(experiment_id: RowId, session: SessionDep, pager: PagerDep) -> Page[TransferResource]:
    """Data sets and archives of an experiment, newest first."""
    ExperimentRepository(session).get(experiment_id)
    query = TransferRepository(session).selected_exports(experiment_id)
    return pager.page(pager.newest_first(session, query, Transfer.id), TransferResource.of)


@router.post("/experiments/{experiment_id}/exports", status_code=202)
def export_dataset(
    experiment_id: RowId,
    plan: DatasetPlan,
    user: CurrentUser,
    session: SessionDep,
    jobs: JobsDep,
    maker: MakerDep,
) -> TransferResource:
    """Have a data set written. One that is asked for again while it is under way is written once."""
    selection = plan.read()
    made = maker.once(
        "transfers",
        repr((experiment_id, selection)).encode(),
        lambda: request_dataset(session, jobs, user, experiment_id, selection).id,
    )
    return _present(session, made)


@router.post("/experiments/{experiment_id}/exports/archive", status_code=202)
def export_archive(
    experiment_id: RowId, user: CurrentUser, session: SessionDep, jobs: JobsDep, maker: MakerDep
) -> TransferResource:
    """Have the whole experiment written into one file, from which it can be restored."""
    made = maker.once(
        "transfers",
        repr((experiment_id, "archive")).encode(),
        lambda: request_archive(session, jobs, user, experiment_id).id,
    )
    return _present(session, made)


@router.get("/transfers/{transfer_id}")
def get_transfer(transfer_id: RowId, session: SessionDep) -> TransferResource:
    """How far a data set, an archive or a restoration is."""
    return _present(session, transfer_id)


@router.get(
    "/transfers/{transfer_id}/file",
    response_class=Response,
    responses={200: {"description": "The zip file, or the Range of it that is asked for.", "content": _ZIP}},
)
def get_transfer_file(transfer_id: RowId, session: SessionDep, settings: SettingsDep) -> Response:
    """The written file, until it expires."""
    return file_answer(TransferRepository(session).get(transfer_id), settings.artefacts)


@router.get(RESTORATIONS_PATH)
def list_restorations(session: SessionDep, pager: PagerDep) -> Page[TransferResource]:
    """Archives that were sent, newest first."""
    query = TransferRepository(session).selected_restorations()
    return pager.page(pager.newest_first(session, query, Transfer.id), TransferResource.of)


@router.post(
    RESTORATIONS_PATH,
    status_code=202,
    responses={507: {"description": "The studio's disk is full."}},
    openapi_extra={"requestBody": {"required": True, "content": _ZIP}},
)
async def restore_experiment(
    request: Request,
    reception: ArchiveReceptionDep,
    database: DatabaseDep,
    name: Annotated[
        str, Query(max_length=LONGEST_NAME, description="Of the experiment here; empty: as it was.")
    ] = "",
    key: CreationKey = None,
) -> TransferResource:
    """Send an archive as the body; a worker restores the experiment, whole or not at all."""
    made = await reception.take(request, name, key)
    with database.reading() as session:
        return _present(session, made)


def _present(session: SessionDep, transfer_id: int) -> TransferResource:
    return TransferResource.of(TransferRepository(session).get(transfer_id))
