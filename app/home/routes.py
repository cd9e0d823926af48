"""The home page, live, and the help."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.experiments.live_fragments import live_response
from app.home.waiting import look_around
from app.platform.model import now
from app.platform.requests import DatabaseDep, PagesDep, SessionDep, SettingsDep

router = APIRouter()


@router.get("/")
def home(request: Request, session: SessionDep, pages: PagesDep, settings: SettingsDep) -> Response:
    context = {"home": look_around(session, settings.cell_name, now())}
    return pages.render(request, "home/home.html", context)


@router.get("/events")
def home_events(database: DatabaseDep, pages: PagesDep, settings: SettingsDep) -> Response:
    def render() -> dict[str, str]:
        with database.reading() as session:
            around = look_around(session, settings.cell_name, now())
            return {
                "needs": pages.fragment("home/_needs.html", home=around),
                "machines": pages.fragment("home/_machines.html", home=around),
                "experiments": pages.fragment(
                    "experiments/_table.html", experiments=around.experiments, begun=around.begun
                ),
            }

    return live_response(render)


@router.get("/help")
def help_page(request: Request, pages: PagesDep) -> Response:
    return pages.render(request, "help/help.html")
