"""Pages of demonstrations, and the acts on them. An act answers with the parts of its page that changed."""

from typing import Any, Literal

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.accounts.current_user import CurrentUser
from app.cells.record_routes import record_url
from app.demonstrations.curves import demonstration_curves
from app.demonstrations.fit_preview import FitPreview, fit_preview
from app.demonstrations.guide_routes import router as guide_router
from app.demonstrations.models import Demonstration
from app.demonstrations.motion_routes import router as motion_router
from app.demonstrations.repository import DemonstrationRepository
from app.demonstrations.schemas import source_of, view_board
from app.demonstrations.service import accept_all, act_on_demonstration, record_owed, replay
from app.demonstrations.toast import toast
from app.experiments.live_fragments import live_response
from app.experiments.motion_curves import read_record
from app.experiments.repository import ExperimentRepository
from app.platform.pages import Pages
from app.platform.requests import DatabaseDep, JobsDep, PagesDep, SessionDep, SettingsDep
from app.trials.repository import TrialRepository
from hndp_core.data.artefact_store import ArtefactStore, DamagedArtefact, MissingArtefact
from hndp_core.tasks import get_task

router = APIRouter()
router.include_router(motion_router)
router.include_router(guide_router)

CAMERA_SIDE = "The camera looks towards the robot: its left is the map's right."
SAID = {
    ("accept", "accepted"): "The demonstration in {} is accepted.",
    ("redo", "queued"): "{} is recorded again; the former take is in the bin.",
    ("bin", "binned"): "The demonstration in {} is in the bin.",
    ("restore", "accepted"): "The demonstration in {} is back, accepted as before.",
    ("restore", "recorded"): "The demonstration in {} is back. It waits to be accepted.",
    ("restore", "failed"): "The demonstration in {} is back, but was never recorded: redo it.",
}
"""What an act has led to, by the act and the status afterwards."""


@router.get("/experiments/{experiment_id}/demonstrations")
def board(request: Request, experiment_id: int, session: SessionDep, pages: PagesDep) -> Response:
    return pages.render(request, "demonstrations/board.html", _board(session, experiment_id))


@router.get("/experiments/{experiment_id}/demonstrations/events")
def board_events(experiment_id: int, session: SessionDep, database: DatabaseDep, pages: PagesDep) -> Response:
    ExperimentRepository(session).get(experiment_id)

    def render() -> dict[str, str]:
        with database.reading() as reading:
            return _parts(pages, _board(reading, experiment_id))

    return live_response(render)


@router.post("/experiments/{experiment_id}/demonstrations/record-owed")
def record_all_owed(
    experiment_id: int, user: CurrentUser, session: SessionDep, jobs: JobsDep, pages: PagesDep
) -> Response:
    queued = record_owed(session, jobs, user, experiment_id)
    count = f"{len(queued)} {'recording' if len(queued) == 1 else 'recordings'}"
    said = f"{count} queued." if queued else "Nothing is owed: every region is served."
    return _changed(session, pages, experiment_id, said)


@router.post("/experiments/{experiment_id}/demonstrations/accept-all")
def accept_all_recorded(experiment_id: int, session: SessionDep, pages: PagesDep) -> Response:
    rows = accept_all(session, experiment_id)
    count = f"{len(rows)} {'demonstration' if len(rows) == 1 else 'demonstrations'}"
    return _changed(session, pages, experiment_id, f"{count} accepted.")


@router.get("/demonstrations/{demonstration_id}")
def show(
    request: Request, demonstration_id: int, session: SessionDep, settings: SettingsDep, pages: PagesDep
) -> Response:
    row = DemonstrationRepository(session).get(demonstration_id)
    return pages.render(request, "demonstrations/show.html", _one(session, settings.artefacts, row))


@router.get("/demonstrations/{demonstration_id}/curves.json")
def curves(demonstration_id: int, session: SessionDep, settings: SettingsDep) -> dict[str, Any]:
    row = DemonstrationRepository(session).get(demonstration_id)
    return demonstration_curves(settings.artefacts, row)


@router.post("/demonstrations/{demonstration_id}/replay")
def replay_on_arm(
    request: Request,
    demonstration_id: int,
    user: CurrentUser,
    session: SessionDep,
    settings: SettingsDep,
    jobs: JobsDep,
    pages: PagesDep,
) -> Response:
    asked = replay(session, jobs, user, demonstration_id)
    row = DemonstrationRepository(session).get(demonstration_id)
    answer = pages.render(request, "demonstrations/show.html", _one(session, settings.artefacts, row))
    answer.headers.update(
        toast(f"Replay in {asked.demonstration.region.name} queued: watch the live picture.")
    )
    return answer


@router.post("/demonstrations/{demonstration_id}/{act}")
def act_on(
    request: Request,
    demonstration_id: int,
    act: Literal["accept", "redo", "bin", "restore"],
    user: CurrentUser,
    session: SessionDep,
    settings: SettingsDep,
    jobs: JobsDep,
    pages: PagesDep,
) -> Response:
    row = act_on_demonstration(session, jobs, user, demonstration_id, act)
    said = SAID[act, row.status].format(row.region.name)
    if request.headers.get("HX-Target") == "demonstration":
        answer = pages.render(request, "demonstrations/show.html", _one(session, settings.artefacts, row))
        answer.headers.update({"HX-Push-Url": f"/demonstrations/{row.id}", **toast(said)})
        return answer
    undo = f"/demonstrations/{demonstration_id}/restore" if act == "bin" else None
    return _changed(session, pages, row.region.experiment_id, said, undo)


def _changed(
    session: Session, pages: Pages, experiment_id: int, said: str, undo: str | None = None
) -> Response:
    """All parts of the board as they are now, and a message."""
    parts = "".join(
        f'<div id="{name}" hx-swap-oob="innerHTML">{part}</div>'
        for name, part in _parts(pages, _board(session, experiment_id)).items()
    )
    return Response(parts, media_type="text/html", headers=toast(said, undo))


def _board(session: Session, experiment_id: int) -> dict[str, Any]:
    experiment = ExperimentRepository(session).get(experiment_id)
    repository = DemonstrationRepository(session)
    rows = repository.of_experiment(experiment_id)
    task = get_task(experiment.task)
    seen_by_camera = not any(each.subject for each in experiment.regions)
    return {
        "experiment": experiment,
        "board": view_board(experiment, rows, repository.motions(experiment_id)),
        "workspace": task.workspace,
        "place_note": CAMERA_SIDE if seen_by_camera else task.place_meaning,
        "waiting": sum(TrialRepository(session).waiting_counts(experiment_id).values()),
    }


def _parts(pages: Pages, context: dict[str, Any]) -> dict[str, str]:
    """The parts of the board that change, by their ids."""
    cards = {
        f"region-{card.region.id}": pages.fragment(
            "demonstrations/_card.html", card=card, board=context["board"]
        )
        for card in context["board"].cards
    }
    return {
        "acts": pages.fragment("demonstrations/_acts.html", **context),
        "map": pages.fragment("demonstrations/_map.html", **context),
        "motions": pages.fragment("demonstrations/_motions.html", **context),
        "bin-count": str(len(context["board"].binned) + len(context["board"].binned_motions)),
        "bin": pages.fragment("demonstrations/_bin.html", **context),
        **cards,
    }


def _one(session: Session, store: ArtefactStore, row: Demonstration) -> dict[str, Any]:
    rows = DemonstrationRepository(session)
    experiment = ExperimentRepository(session).get(row.region.experiment_id)
    return {
        "experiment": experiment,
        "row": row,
        "takes": rows.of_region(row.region_id),
        "source": source_of(row),
        "workspace": get_task(experiment.task).workspace,
        "waiting": sum(TrialRepository(session).waiting_counts(experiment.id).values()),
        "open": experiment.status == "draft",
        "fit": _fit(store, row),
        "motion": row.motion,
        "replay": rows.last_replay(row.id),
        "files": {
            file: record_url(row.artefact_key, row.sha256, file)
            for file in ("start.png", "first.jpg", "last.jpg", "video.mp4")
        },
    }


def _fit(store: ArtefactStore, row: Demonstration) -> FitPreview | None:
    """How well a primitive follows the demonstration; None where it has no file, or one that is damaged: what
    is wrong with it stands in the place of its curves.
    """
    if row.artefact_key is None:
        return None
    try:
        record = read_record(store, f"{row.artefact_key}/trajectory.npz", row.sha256)
    except (MissingArtefact, DamagedArtefact):
        return None
    return fit_preview(row.region.experiment, record["start_joints"], record["commanded"])
