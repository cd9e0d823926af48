"""`hndp remote dataset`, `archive`, `exports`, `fetch`, `restore-experiment`: files of a studio's worker."""

from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from app.client import connection
from app.client.terminal import AsJson, Experiment, show_rows, terminal
from app.platform.errors import Conflict
from app.platform.progress_bar import progress_bar

if TYPE_CHECKING:
    from app.client.studio_client import StudioClient

files = typer.Typer()

PERIOD_S: Final = 0.5
"""Time between two questions how far a job is."""

NewFile = Annotated[Path, typer.Argument(help="New file, or a folder that takes it under its own name.")]


@files.command()
def dataset(
    experiment: Experiment,
    file: NewFile,
    format_name: Annotated[str, typer.Option("--format", help="lerobot, csv or npz.")] = "lerobot",
    demonstrations: Annotated[
        str, typer.Option(help="accepted, recorded (never accepted), both with a comma, or none.")
    ] = "accepted",
    trials: Annotated[
        str, typer.Option(help="Purposes of those taken: local, gate, held_out, or none.")
    ] = "gate",
    labels: Annotated[
        str, typer.Option(help="Of gate and held-out trials: success, failure, invalid, unlabelled.")
    ] = "success,failure,invalid,unlabelled",
    iterations: Annotated[str, typer.Option(help="Such as 1,3-5.", show_default="all")] = "",
) -> None:
    """Have a data set written in one of three formats, and fetch it as a zip file."""
    from app.transfers.selection import read_iterations, read_words

    plan = {
        "format": format_name,
        "demonstrations": read_words(demonstrations),
        "purposes": read_words(trials),
        "labels": read_words(labels),
        "iterations": read_iterations(iterations),
    }
    _refuse_present(file)
    with connection.connect() as studio:
        _fetch(studio, studio.post(f"/experiments/{experiment}/exports", plan), file)


@files.command()
def archive(experiment: Experiment, file: NewFile) -> None:
    """Have a whole experiment written into one file, and fetch it: plan, demonstrations, trials, labels,
    gates, policies."""
    _refuse_present(file)
    with connection.connect() as studio:
        _fetch(studio, studio.post(f"/experiments/{experiment}/exports/archive"), file)


@files.command()
def exports(experiment: Experiment, as_json: AsJson = False) -> None:
    """List the data sets and archives of an experiment, newest first."""
    with connection.connect() as studio:
        rows = list(studio.each(f"/experiments/{experiment}/exports"))
    show_rows(rows, ("id", "kind", "name", "status", "size", "note"), as_json)


@files.command()
def fetch(
    export: Annotated[int, typer.Argument(help="Its number, as `hndp remote exports` lists it.")],
    file: NewFile,
) -> None:
    """Fetch a data set or an archive that was asked for before, once it is there."""
    _refuse_present(file)
    with connection.connect() as studio:
        _fetch(studio, studio.get(f"/transfers/{export}"), file)


@files.command()
def restore_experiment(
    file: Annotated[
        Path,
        typer.Argument(
            exists=True, dir_okay=False, help="Archive of `hndp remote archive`, or of the browser."
        ),
    ],
    name: Annotated[
        str | None, typer.Option(help="Of the experiment there.", show_default="as it was")
    ] = None,
) -> None:
    """Send an archive to the studio, which restores the experiment under a number of its own."""
    with connection.connect() as studio:
        with progress_bar("Sending") as report:
            sent = studio.upload("/restorations", file, report, name=name)
        done = _ended(studio, sent)
    terminal.print(f"Restored as experiment {done['experiment_id']}.")


def _refuse_present(file: Path) -> None:
    if file.is_file():
        raise Conflict(f"{file} exists: name a new file.")


def _fetch(studio: "StudioClient", export: dict[str, Any], file: Path) -> None:
    """Wait until an export is written, then write it here."""
    done = _ended(studio, export)
    if file.is_dir():
        file = file / done["name"]
        _refuse_present(file)
    with progress_bar("Fetching") as report:
        studio.download(done["file"], file, report)
    if done["note"]:
        terminal.print(done["note"])
    terminal.print(str(file))


def _ended(studio: "StudioClient", job: dict[str, Any]) -> dict[str, Any]:
    """Wait for a job of the studio's worker; return it as it ended.

    Raises:
        Conflict: it failed, with the reason; or its file is gone by now.
    """
    with progress_bar("The studio works") as report:
        while job["status"] in ("queued", "running"):
            report(job["done"], job["total"])
            sleep(PERIOD_S)
            job = studio.get(f"/transfers/{job['id']}")
    if job["status"] == "failed":
        raise Conflict(job["note"] or "The studio could not do it; its worker's log says why.")
    if job["kind"] != "restoration" and job["file"] is None:
        raise Conflict(f"{job['name']} is no longer kept: have it written anew.")
    return job
