"""`hndp remote COMMAND`: look at experiments of another studio, act on them, label, export."""

import secrets
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from app.client import connection
from app.client.assignment_commands import assigning
from app.client.evaluation_commands import evaluations
from app.client.file_commands import files
from app.client.server_access import (
    SERVER_VARIABLE,
    TOKEN_VARIABLE,
    ServerAccess,
    forget_access,
    save_access,
)
from app.client.terminal import (
    AsJson,
    Experiment,
    FailureMode,
    Note,
    Outcome,
    Plan,
    Trial,
    read_json,
    show_rows,
    terminal,
)
from app.platform.errors import NotFound

remote = typer.Typer(
    no_args_is_help=True,
    help="Work on a studio that runs elsewhere, with a token of your account page there. "
    f"{SERVER_VARIABLE} and {TOKEN_VARIABLE}, where they are set, go before a login.",
)
for part in (files, assigning):
    remote.add_typer(part)
remote.add_typer(evaluations, name="evaluations")


class Act(StrEnum):
    """What can be done with an experiment."""

    START = "start"
    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"
    BIN = "bin"
    BRING_BACK = "bring-back"


@remote.command()
def login(server: Annotated[str, typer.Argument(help="Address, such as https://studio.lab.")]) -> None:
    """Keep the address of a studio and a token, which is asked for or read from a pipe."""
    piped = not sys.stdin.isatty()
    token = sys.stdin.readline() if piped else typer.prompt("Token (of your account page)", hide_input=True)
    access = ServerAccess(server, token.strip())
    with connection.studio_at(access) as studio:
        asker = studio.get("/users/me")
    file = save_access(access)
    if access.is_readable:
        terminal.print("Careful: without https others on the network can read the token.")
    terminal.print(f"{access.server} knows you as {asker['user']['name']}; kept in {file}.")


@remote.command()
def logout() -> None:
    """Forget the token that a login has kept; it stays valid until it is revoked on the account page."""
    forget_access()
    terminal.print("Forgotten.")


@remote.command()
def whoami() -> None:
    """Say as whom the studio knows this token, and what it may do."""
    with connection.connect() as studio:
        asker = studio.get("/users/me")
    terminal.print(f"{asker['user']['name']}: may do what is for {', '.join(asker['may'])}.")


@remote.command()
def experiments(status: str | None = None, as_json: AsJson = False) -> None:
    """List experiments, newest first."""
    with connection.connect() as studio:
        rows = list(studio.each("/experiments", status=status))
    show_rows(rows, ("id", "name", "task", "method", "status", "iteration", "iterations", "waiting"), as_json)


@remote.command()
def create(plan: Plan) -> None:
    """Make an experiment from a plan, as a draft."""
    with connection.connect() as studio:
        made = studio.post("/experiments", read_json(plan))
    terminal.print(f"Experiment {made['id']}, {made['name']}, is a draft.")


@remote.command()
def act(experiment: Experiment, what: Act) -> None:
    """Start, pause, resume or cancel an experiment; throw it into the bin, or bring it back."""
    path = f"/experiments/{experiment}"
    with connection.connect() as studio:
        studio.post(f"{path}/{what.value}")
        if what is Act.BIN:
            terminal.print(f"Experiment {experiment} is in the bin.")
            return
        row = studio.get(path)
    terminal.print(f"{row['name']} is {row['status']}.")


@remote.command("bin")
def list_bin(as_json: AsJson = False) -> None:
    """List what was thrown away, the last first; `hndp remote act 7 bring-back` brings it back."""
    with connection.connect() as studio:
        rows = studio.get("/bin")
    show_rows(rows, ("id", "name", "status", "binned_at"), as_json)


@remote.command()
def delete(
    experiment: Annotated[int, typer.Argument(help="Its number, as `hndp remote bin` lists it.")],
    yes: Annotated[bool, typer.Option("--yes", help="Without being asked.")] = False,
) -> None:
    """Delete an experiment out of the bin for good, with its trials and files."""
    with connection.connect() as studio:
        name = next((each["name"] for each in studio.get("/bin") if each["id"] == experiment), None)
        if name is None:
            raise NotFound("experiment in the bin with the number", experiment)
        if not yes:
            typer.confirm(f"Delete {name} with all its trials and files? Nothing brings it back", abort=True)
        studio.delete(f"/bin/{experiment}")
    terminal.print(f"{name} is deleted.")


@remote.command()
def trials(
    experiment: Experiment,
    iteration: int | None = None,
    purpose: Annotated[str | None, typer.Option(help="local, gate or held_out.")] = None,
    region: Annotated[str | None, typer.Option(help="Its name, such as T3.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the trials of an experiment, newest first."""
    with connection.connect() as studio:
        asked = {"experiment": experiment, "iteration": iteration, "purpose": purpose, "region": region}
        rows = list(studio.each("/trials", **asked))
    shown = [{**row, "label": (row["label"] or {}).get("outcome")} for row in rows]
    columns = ("id", "iteration", "region", "purpose", "repeat", "attempt", "status", "owed", "label")
    show_rows(rows if as_json else shown, columns, as_json)


@remote.command()
def queue(
    experiment: Annotated[int | None, typer.Option(help="Of one experiment; without: of all.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the next trials that wait for your judgement."""
    with connection.connect() as studio:
        told = studio.get("/queue", experiment=experiment)
    columns = ("id", "experiment_id", "iteration", "region", "purpose", "rating")
    show_rows(told["items"], columns, as_json)
    if not as_json:
        terminal.print(f"{sum(told['waiting'].values())} wait.")


@remote.command()
def label(trial: Trial, outcome: Outcome, failure_mode: FailureMode = None, note: Note = None) -> None:
    """Judge a trial, as its label page would; `hndp remote undo` takes it back."""
    form = {"outcome": outcome.value, "failure_mode": failure_mode, "note": note}
    with connection.connect() as studio:
        owed = studio.get(f"/trials/{trial}")["trial"]["owed"] or "first"
        answer = studio.post(
            f"/trials/{trial}/labels", {**form, "rating": owed, "request_key": secrets.token_hex(16)}
        )
    terminal.print(f"Trial {trial}: {answer['outcome']}. {answer['notice'] or ''}".strip())


@remote.command()
def undo() -> None:
    """Take your last label back."""
    with connection.connect() as studio:
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

    with connection.connect() as studio:
        export_experiment(studio, experiment, folder, videos=videos, tell=terminal.print)
    terminal.print(f"Complete in {folder}.")
