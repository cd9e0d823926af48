"""`hndp remote assignments`, `assign`, `take-back`: who is asked to judge what."""

from typing import TYPE_CHECKING, Annotated

import typer

from app.client import connection
from app.client.terminal import AsJson, show_rows, terminal
from app.platform.errors import NotFound

if TYPE_CHECKING:
    from app.client.studio_client import StudioClient

assigning = typer.Typer()

Person = Annotated[str, typer.Argument(help="Name, as `hndp remote assignments` lists it.")]


@assigning.command()
def assignments(as_json: AsJson = False) -> None:
    """List who can judge, and what each is asked to judge."""
    with connection.connect() as studio:
        rows = studio.get("/assignments")
    shown = (
        rows if as_json else [{**row, "experiments": " ".join(map(str, row["experiments"]))} for row in rows]
    )
    show_rows(shown, ("name", "experiments", "trials"), as_json)


@assigning.command()
def assign(
    person: Person,
    experiment: Annotated[
        int | None, typer.Option(help="Alone: all of it, with its trials to come.", show_default="any")
    ] = None,
    task: Annotated[str, typer.Option(help="At all its levels.", show_default="any")] = "",
    purpose: Annotated[str | None, typer.Option(help="gate or held_out.", show_default="both")] = None,
    region: Annotated[str, typer.Option(help="Its name, such as T3.", show_default="any")] = "",
    arm: Annotated[str | None, typer.Option(help="simulated or real.", show_default="both")] = None,
) -> None:
    """Ask somebody to judge an experiment, or the trials that wait now; others still may."""
    asked = {"experiment": experiment, "task": task, "purpose": purpose, "region": region, "arm": arm}
    with connection.connect() as studio:
        made = studio.post("/assignments", {"to": _number(studio, person), **asked})
    what = f"{made['trials']} trials" if made["trials"] else f"all of experiment {experiment}"
    terminal.print(f"{made['judge']['name']} is asked to judge {what}.")


@assigning.command()
def take_back(person: Person) -> None:
    """Ask somebody for nothing any more."""
    with connection.connect() as studio:
        studio.delete(f"/assignments/{_number(studio, person)}")
    terminal.print(f"{person} is asked for nothing any more.")


def _number(studio: "StudioClient", person: str) -> int:
    """
    Raises:
        NotFound: nobody of that name can judge.
    """
    for each in studio.get("/assignments"):
        if each["name"].lower() == person.lower():
            return each["user_id"]
    raise NotFound("judge", person)
