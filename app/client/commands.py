"""`hndp remote COMMAND`: look at experiments of another studio, act on them, label, export."""

import json
import secrets
import sys
from collections.abc import Iterable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from app.client.server_access import (
    SERVER_VARIABLE,
    TOKEN_VARIABLE,
    ServerAccess,
    forget_access,
    load_access,
    save_access,
)
from app.platform.errors import Invalid

if TYPE_CHECKING:
    from app.client.studio_client import StudioClient

remote = typer.Typer(
    no_args_is_help=True,
    help="Work on a studio that runs elsewhere, with a token of your account page there. "
    f"{SERVER_VARIABLE} and {TOKEN_VARIABLE}, where they are set, go before a login.",
)
terminal = Console(highlight=False, soft_wrap=True)

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line, as the API tells it.")]
Experiment = Annotated[int, typer.Argument(help="Its number, as `hndp remote experiments` lists it.")]


class Act(StrEnum):
    """What can be done with an experiment."""

    START = "start"
    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"


class Outcome(StrEnum):
    """How a trial is judged."""

    SUCCESS = "success"
    FAILURE = "failure"
    INVALID = "invalid"


def connect() -> "StudioClient":
    """The studio that the environment or the last login names."""
    return _studio_at(load_access())


@remote.command()
def login(server: Annotated[str, typer.Argument(help="Address, such as https://studio.lab.")]) -> None:
    """Keep the address of a studio and a token, which is asked for or read from a pipe."""
    piped = not sys.stdin.isatty()
    token = sys.stdin.readline() if piped else typer.prompt("Token (of your account page)", hide_input=True)
    access = ServerAccess(server, token.strip())
    with _studio_at(access) as studio:
        asker = studio.get("/users/me")
    file = save_access(access)
    if access.is_readable:
        terminal.print("Careful: without https others on the network can read the token.")
    terminal.print(f"{access.server} knows you as {asker['user']['name']}; kept in {file}.", markup=False)


@remote.command()
def logout() -> None:
    """Forget the token that a login has kept; it stays valid until it is revoked on the account page."""
    forget_access()
    terminal.print("Forgotten.")


@remote.command()
def whoami() -> None:
    """Say as whom the studio knows this token, and what it may do."""
    with connect() as studio:
        asker = studio.get("/users/me")
    terminal.print(f"{asker['user']['name']}: may do what is for {', '.join(asker['may'])}.", markup=False)


@remote.command()
def experiments(status: str | None = None, as_json: AsJson = False) -> None:
    """List experiments, newest first."""
    with connect() as studio:
        rows = list(studio.each("/experiments", status=status))
    _show(rows, ("id", "name", "task", "method", "status", "iteration", "iterations", "waiting"), as_json)


@remote.command()
def create(plan: Annotated[Path, typer.Argument(help="A JSON file with what the API asks for.")]) -> None:
    """Make an experiment from a plan, as a draft."""
    try:
        asked = json.loads(plan.read_text())
    except (OSError, ValueError) as error:
        raise Invalid(f"{plan} cannot be read as JSON: {error}", field="plan") from error
    with connect() as studio:
        made = studio.post("/experiments", asked)
    terminal.print(f"Experiment {made['id']}, {made['name']}, is a draft.", markup=False)


@remote.command()
def act(experiment: Experiment, what: Act) -> None:
    """Start, pause, resume or cancel an experiment."""
    with connect() as studio:
        row = studio.post(f"/experiments/{experiment}/{what.value}")
    terminal.print(f"{row['name']} is {row['status']}.", markup=False)


@remote.command()
def trials(
    experiment: Experiment,
    iteration: int | None = None,
    purpose: Annotated[str | None, typer.Option(help="local, gate or held_out.")] = None,
    region: Annotated[str | None, typer.Option(help="Its name, such as T3.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the trials of an experiment, newest first."""
    with connect() as studio:
        asked = {"experiment": experiment, "iteration": iteration, "purpose": purpose, "region": region}
        rows = list(studio.each("/trials", **asked))
    shown = [{**row, "label": (row["label"] or {}).get("outcome")} for row in rows]
    columns = ("id", "iteration", "region", "purpose", "repeat", "attempt", "status", "owed", "label")
    _show(rows if as_json else shown, columns, as_json)


@remote.command()
def queue(
    experiment: Annotated[int | None, typer.Option(help="Of one experiment; without: of all.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the next trials that wait for your judgement."""
    with connect() as studio:
        told = studio.get("/queue", experiment=experiment)
    columns = ("id", "experiment_id", "iteration", "region", "purpose", "rating")
    _show(told["items"], columns, as_json)
    if not as_json:
        terminal.print(f"{sum(told['waiting'].values())} wait.")


@remote.command()
def label(
    trial: Annotated[int, typer.Argument(help="Its number.")],
    outcome: Outcome,
    failure_mode: Annotated[str | None, typer.Option(help="Why it failed, by the task's rubric.")] = None,
    note: Annotated[str | None, typer.Option(help="The reason, where a label is corrected.")] = None,
) -> None:
    """Judge a trial, as its label page would; `hndp remote undo` takes it back."""
    form = {"outcome": outcome.value, "failure_mode": failure_mode, "note": note}
    with connect() as studio:
        owed = studio.get(f"/trials/{trial}")["trial"]["owed"] or "first"
        answer = studio.post(
            f"/trials/{trial}/labels", {**form, "rating": owed, "request_key": secrets.token_hex(16)}
        )
    terminal.print(f"Trial {trial}: {answer['outcome']}. {answer['notice'] or ''}".strip(), markup=False)


@remote.command()
def undo() -> None:
    """Take your last label back."""
    with connect() as studio:
        answer = studio.post("/labels/undo", {"request_key": secrets.token_hex(16)})
    terminal.print(f"The label of trial {answer['trial_id']} is taken back.")


@remote.command()
def export(
    experiment: Experiment,
    folder: Annotated[Path, typer.Argument(help="Takes the files; an export that was cut off goes on.")],
    videos: Annotated[bool, typer.Option("--videos", help="The videos, too.")] = False,
) -> None:
    """Fetch an experiment: facts as JSON, numbers as CSV, demonstrations and trials as npz."""
    from app.client.experiment_export import export_experiment

    with connect() as studio:
        export_experiment(studio, experiment, folder, videos=videos, tell=terminal.print)
    terminal.print(f"Complete in {folder}.", markup=False)


def _studio_at(access: ServerAccess) -> "StudioClient":
    from app.client.studio_client import StudioClient  # speaks HTTP: other commands start without it

    return StudioClient.of(access)


def _show(rows: Iterable[Mapping[str, Any]], columns: tuple[str, ...], as_json: bool) -> None:
    """A table for people, or lines for programs."""
    if as_json:
        for row in rows:
            typer.echo(json.dumps(row))
        return
    table = Table(*columns, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*("" if row[name] is None else str(row[name]) for name in columns))
    terminal.print(table)
