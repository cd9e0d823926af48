"""The list of experiments, and the form of a new one."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from app.accounts.current_user import CurrentUser
from app.experiments.method_choice import method_choices
from app.experiments.repository import ExperimentRepository
from app.experiments.schemas import (
    DEFAULTS,
    InvalidForm,
    read_form,
    read_layout,
    redrawn,
    with_own_layout,
    written_positions,
)
from app.experiments.service import cells_on_offer, create_experiment
from app.experiments.settings_form import setting_groups
from app.platform.pages import Pages
from app.platform.requests import PagesDep, SessionDep, SettingsDep
from app.platform.settings import Settings
from hndp_core.errors import UnknownName
from hndp_core.tasks import get_task, tasks_at_all_levels

router = APIRouter(prefix="/experiments")


async def sent_form(request: Request) -> dict[str, str]:
    """The fields of a form as text; files are left out."""
    return {key: value for key, value in (await request.form()).items() if isinstance(value, str)}


FormDep = Annotated[dict[str, str], Depends(sent_form)]


@router.get("")
def listing(request: Request, session: SessionDep, pages: PagesDep) -> Response:
    repository = ExperimentRepository(session)
    context = {"experiments": repository.newest_first(), "begun": repository.begun_iterations()}
    return pages.render(request, "experiments/list.html", context)


@router.get("/new")
def new(request: Request, session: SessionDep, pages: PagesDep, settings: SettingsDep) -> Response:
    return _form_page(request, session, pages, settings, DEFAULTS, {})


@router.get("/layout")
def layout(request: Request, pages: PagesDep) -> Response:
    """The regions of a half-filled form, drawn anew.

    With `own` as the task suggests it; with `redraw` by another layout seed; with `edit` the layout stands
    as text too, to be changed by hand.
    """
    form = {**DEFAULTS, **request.query_params}
    if "own" in form:
        form = with_own_layout(form)
    if "redraw" in form:
        form = redrawn(form)
    if "edit" in form:
        form["positions"] = ""
    context = {"form": form, "errors": {}, **_layout(form)}
    if "edit" in form and context["regions"]:
        context["form"] = {**form, "positions": written_positions(context["regions"])}
    return pages.render(request, "experiments/_layout.html", context)


@router.post("")
def create(
    request: Request,
    user: CurrentUser,
    session: SessionDep,
    pages: PagesDep,
    settings: SettingsDep,
    sent: FormDep,
) -> Response:
    form = {**dict.fromkeys(DEFAULTS, ""), **sent}
    try:
        experiment = create_experiment(session, user, read_form(form), settings.cell_name)
    except InvalidForm as problem:
        return _form_page(request, session, pages, settings, form, problem.errors, status_code=422)
    return RedirectResponse(f"/experiments/{experiment.id}", status_code=303)


def _form_page(
    request: Request,
    session: Session,
    pages: Pages,
    settings: Settings,
    form: Mapping[str, str],
    errors: Mapping[str, str],
    status_code: int = 200,
) -> Response:
    context: dict[str, Any] = {
        "form": form,
        "errors": errors,
        "cells": cells_on_offer(session, settings.cell_name),
        "tasks": tasks_at_all_levels(),
        "chosen_task": _chosen_task(form),
        "methods": method_choices(),
        "groups": setting_groups(form),
        **_layout(form),
    }
    return pages.render(request, "experiments/new.html", context, status_code)


def _chosen_task(form: Mapping[str, str]) -> str:
    """The form's task with its level; a bare name means the default one."""
    try:
        return get_task(form["task"]).key
    except UnknownName:
        return form["task"]


def _layout(form: Mapping[str, str]) -> dict[str, Any]:
    """The regions of a form, or what is wrong with them by input name."""
    try:
        task, regions = read_layout(form)
    except InvalidForm as problem:
        return {"workspace": None, "regions": (), "layout_errors": problem.errors}
    place = {"workspace": task.workspace, "place_meaning": task.place_meaning}
    return {**place, "regions": regions, "layout_errors": {}}
