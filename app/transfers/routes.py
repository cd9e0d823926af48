"""Pages of exports and restored experiments, and the files themselves."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from app.accounts.current_user import CurrentUser
from app.experiments.live_fragments import live_response
from app.experiments.pages import experiment_head
from app.platform.requests import DatabaseDep, JobsDep, PagesDep, SessionDep, SettingsDep
from app.transfers.download import file_answer
from app.transfers.repository import TransferRepository
from app.transfers.schemas import PURPOSE_WORDS, SentSelectionDep, view_transfers
from app.transfers.selection import LABELS
from app.transfers.service import request_archive, request_dataset
from hndp_core.data.dataset.format_names import FORMATS

router = APIRouter()

SHOWN_RESTORATIONS = 20


@router.get("/experiments/{experiment_id}/exports")
def exports(
    request: Request, experiment_id: int, session: SessionDep, settings: SettingsDep, pages: PagesDep
) -> Response:
    experiment, head = experiment_head(session, experiment_id)
    context = {
        "experiment": experiment,
        "head": head,
        "formats": FORMATS,
        "purposes": PURPOSE_WORDS,
        "labels": LABELS,
        "keep_days": settings.keep_export_days,
        **_exports(session, experiment_id),
    }
    return pages.render(request, "transfers/exports.html", context)


@router.get("/experiments/{experiment_id}/exports/events")
def export_events(
    experiment_id: int, session: SessionDep, database: DatabaseDep, pages: PagesDep
) -> Response:
    experiment_head(session, experiment_id)

    def render() -> dict[str, str]:
        with database.reading() as reading:
            return {"files": pages.fragment("transfers/_files.html", **_exports(reading, experiment_id))}

    return live_response(render)


@router.post("/experiments/{experiment_id}/exports")
def ask_for_dataset(
    experiment_id: int, user: CurrentUser, session: SessionDep, jobs: JobsDep, selection: SentSelectionDep
) -> Response:
    request_dataset(session, jobs, user, experiment_id, selection)
    return RedirectResponse(f"/experiments/{experiment_id}/exports#files", status_code=303)


@router.post("/experiments/{experiment_id}/exports/archive")
def ask_for_archive(experiment_id: int, user: CurrentUser, session: SessionDep, jobs: JobsDep) -> Response:
    request_archive(session, jobs, user, experiment_id)
    return RedirectResponse(f"/experiments/{experiment_id}/exports#files", status_code=303)


@router.get("/transfers/{transfer_id}/file")
def file(transfer_id: int, session: SessionDep, settings: SettingsDep) -> Response:
    return file_answer(TransferRepository(session).get(transfer_id), settings.artefacts)


@router.get("/restore")
def restore_page(request: Request, session: SessionDep, pages: PagesDep) -> Response:
    return pages.render(request, "transfers/restore.html", _restorations(session))


@router.get("/restore/events")
def restore_events(database: DatabaseDep, pages: PagesDep) -> Response:
    def render() -> dict[str, str]:
        with database.reading() as reading:
            return {"files": pages.fragment("transfers/_restorations.html", **_restorations(reading))}

    return live_response(render)


def _exports(session: Session, experiment_id: int) -> dict[str, Any]:
    return {"files": view_transfers(TransferRepository(session).of_experiment(experiment_id))}


def _restorations(session: Session) -> dict[str, Any]:
    return {"files": view_transfers(TransferRepository(session).restorations(SHOWN_RESTORATIONS))}
