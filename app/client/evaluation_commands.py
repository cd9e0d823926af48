"""`hndp remote evaluations`: blind comparisons of policies."""

import json
import secrets
from enum import StrEnum
from typing import Annotated

import typer

from app.client import connection
from app.client.terminal import AsJson, Plan, Trial, read_json, show_rows, terminal

evaluations = typer.Typer(invoke_without_command=True)

Evaluation = Annotated[int, typer.Argument(help="Its number, as `hndp remote evaluations` lists it.")]


class Act(StrEnum):
    """What can be done with an evaluation."""

    START = "start"
    PAUSE = "pause"
    RESUME = "resume"
    CLOSE = "close"
    DISCARD = "discard"


class BlindOutcome(StrEnum):
    """How a trial is judged, or that its label is taken back."""

    SUCCESS = "success"
    FAILURE = "failure"
    INVALID = "invalid"
    WITHDRAWN = "withdrawn"


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
    """Show the trial that is to be judged next, blind."""
    with connection.connect() as studio:
        told = studio.get(f"/evaluations/{evaluation}/queue")
    rows = [] if told["trial"] is None else [told["trial"]]
    shown = rows if as_json else [{**row, "video": (row["files"] or {}).get("video")} for row in rows]
    show_rows(shown, ("id", "region", "attempt", "video"), as_json)
    if not as_json:
        terminal.print(f"{told['waiting']} wait.")


@evaluations.command()
def label(evaluation: Evaluation, trial: Trial, outcome: BlindOutcome) -> None:
    """Judge a trial of an evaluation, correct its label, or take that back (withdrawn)."""
    path = f"/evaluations/{evaluation}/trials/{trial}"
    with connection.connect() as studio:
        seen = studio.get(path)["seen"]
        form = {"outcome": outcome.value, "seen": seen, "request_key": secrets.token_hex(16)}
        labels = studio.post(f"{path}/labels", form)["labels"]
    terminal.print(f"Trial {trial}: {labels[-1]['outcome']}.")


@evaluations.command()
def report(evaluation: Evaluation) -> None:
    """Print what a closed evaluation found, as JSON."""
    with connection.connect() as studio:
        typer.echo(json.dumps(studio.get(f"/evaluations/{evaluation}/report"), indent=2))
