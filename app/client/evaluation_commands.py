"""`hndp remote evaluations`: blind comparisons of policies."""

import json
import secrets
from enum import StrEnum
from typing import Annotated

import typer

from app.client import connection
from app.client.terminal import (
    AsJson,
    FailureMode,
    Note,
    Outcome,
    Plan,
    Trial,
    read_json,
    show_rows,
    terminal,
)

evaluations = typer.Typer(invoke_without_command=True)

Evaluation = Annotated[int, typer.Argument(help="Its number, as `hndp remote evaluations` lists it.")]


class Act(StrEnum):
    """What can be done with an evaluation."""

    START = "start"
    PAUSE = "pause"
    RESUME = "resume"
    CLOSE = "close"
    DISCARD = "discard"


@evaluations.callback()
def listing(context: typer.Context, status: str | None = None, as_json: AsJson = False) -> None:
    """List evaluations, newest first, or work on one: blind comparisons of policies."""
    if context.invoked_subcommand is not None:
        return
    with connection.connect() as studio:
        rows = list(studio.each("/evaluations", status=status))
    shown = rows if as_json else [{**row, "letters": " ".join(row["letters"])} for row in rows]
    show_rows(shown, ("id", "name", "task", "status", "letters", "pairing", "design", "repeats"), as_json)


@evaluations.command()
def create(plan: Plan) -> None:
    """Make an evaluation from a plan, as a draft."""
    with connection.connect() as studio:
        made = studio.post("/evaluations", read_json(plan))
    row = made["evaluation"]
    terminal.print(
        f"Evaluation {row['id']}, {row['name']}, is a draft of {made['progress']['planned']} trials."
    )


@evaluations.command()
def act(evaluation: Evaluation, what: Act) -> None:
    """Start, pause or resume an evaluation; close it, which reveals its letters; or discard a draft."""
    path = f"/evaluations/{evaluation}"
    with connection.connect() as studio:
        if what is Act.DISCARD:
            studio.delete(path)
            terminal.print(f"Evaluation {evaluation} is discarded.")
            return
        row = studio.post(f"{path}/{what.value}")["evaluation"]
    terminal.print(f"{row['name']} is {row['status']}.")


@evaluations.command()
def queue(evaluation: Evaluation, as_json: AsJson = False) -> None:
    """List the trials that wait for you, in the order of the label page, blind."""
    with connection.connect() as studio:
        told = studio.get(f"/evaluations/{evaluation}/queue")
    rows = told["items"]
    shown = rows if as_json else [{**row, "video": (row["files"] or {}).get("video")} for row in rows]
    show_rows(shown, ("id", "region", "attempt", "rating", "video"), as_json)
    if not as_json:
        terminal.print(f"{told['waiting']} wait.")


@evaluations.command()
def label(
    evaluation: Evaluation,
    trial: Trial,
    outcome: Outcome,
    failure_mode: FailureMode = None,
    note: Note = None,
) -> None:
    """Judge a trial of an evaluation, or correct its label; `hndp remote evaluations undo` takes it back."""
    path = f"/evaluations/{evaluation}/trials/{trial}"
    with connection.connect() as studio:
        seen = studio.get(path)
        form = {
            "outcome": outcome.value,
            "failure_mode": failure_mode,
            "note": note,
            "rating": seen["owed"] or "first",
            "instead_of": seen["instead_of"],
            "request_key": secrets.token_hex(16),
        }
        studio.post(f"{path}/labels", form)
    terminal.print(f"Trial {trial}: {outcome.value}.")


@evaluations.command()
def undo(evaluation: Evaluation) -> None:
    """Take your last label of an evaluation back."""
    with connection.connect() as studio:
        answer = studio.post(f"/evaluations/{evaluation}/labels/undo", {"request_key": secrets.token_hex(16)})
    terminal.print(f"The label of trial {answer['trial_id']} is taken back.")


@evaluations.command()
def report(evaluation: Evaluation) -> None:
    """Print what a closed evaluation found, as JSON."""
    with connection.connect() as studio:
        typer.echo(json.dumps(studio.get(f"/evaluations/{evaluation}/report"), indent=2))
