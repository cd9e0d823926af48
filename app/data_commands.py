"""`hndp export`, `import`, `archive`, `restore-experiment`, `sample`, `backup`, `restore`, `retention`."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from app.platform.progress_bar import progress_bar

if TYPE_CHECKING:
    from app.platform.database import Database
    from app.platform.settings import Settings

data = typer.Typer()

_terminal = Console(highlight=False, soft_wrap=True)

Experiment = Annotated[str, typer.Argument(help="Name or number of the experiment.")]


@data.command()
def export(
    experiment: Experiment,
    out: Annotated[Path, typer.Option(help="Takes the data set: a new or empty folder.")],
    format_name: Annotated[str, typer.Option("--format", help="lerobot, csv or npz.")] = "lerobot",
    demonstrations: Annotated[
        str,
        typer.Option(
            help="Which are taken: accepted, recorded (never accepted), both with a comma, or none."
        ),
    ] = "accepted",
    trials: Annotated[
        str, typer.Option(help="Purposes of those taken: local, gate, held_out, or none.")
    ] = "gate",
    labels: Annotated[
        str, typer.Option(help="Of gate and held-out trials: success, failure, invalid, unlabelled.")
    ] = "success,failure,invalid,unlabelled",
    iterations: Annotated[str, typer.Option(help="Such as 1,3-5.", show_default="all")] = "",
) -> None:
    """Write demonstrations and trials with labels, gates and provenance, for other tools."""
    from app.transfers.dataset_files import export_dataset
    from app.transfers.selection import Selection, read_iterations, read_words

    selection = Selection(
        format_name,
        read_words(demonstrations),
        read_words(trials),
        read_words(labels),
        read_iterations(iterations),
    )
    with _studio() as (settings, database), progress_bar("Episodes") as report:
        experiment_id = _experiment(database, experiment)
        exported = export_dataset(database, settings.artefacts, experiment_id, selection, out, report)
    for each in exported.left_out:
        _terminal.print(each, markup=False)
    _terminal.print(f"{exported.episodes} episodes in {out}", markup=False)


@data.command("import")
def import_dataset(
    dataset: Annotated[Path, typer.Argument(help="Folder that `hndp export` wrote, in any format.")],
    experiment: Experiment,
    user: Annotated[str, typer.Option(help="Who imports; made if unknown.")] = "Operator",
) -> None:
    """Offer the demonstrations of a data set as motions of a draft, each for the region of its name."""
    from app.accounts.service import ensure_user
    from app.transfers.dataset_import import import_demonstrations

    with _studio() as (settings, database):
        experiment_id = _experiment(database, experiment)
        with database.transaction() as session:
            author = ensure_user(session, user, "operator")
        imported = import_demonstrations(database, settings.artefacts, author, experiment_id, dataset)
    for each in imported.left_out:
        _terminal.print(each, markup=False)
    _terminal.print(f"{len(imported.motions)} motions wait to be looked at.", markup=False)


@data.command()
def archive(
    experiment: Experiment,
    file: Annotated[Path, typer.Argument(help="New file, such as scooping.zip.")],
) -> None:
    """Write a whole experiment into one file: plan, demonstrations, trials, labels, gates, policies."""
    from app.transfers.archive_writing import write_archive

    with _studio() as (settings, database), progress_bar("Files") as report:
        write_archive(database, settings.artefacts, _experiment(database, experiment), file, report)
    _terminal.print(str(file), markup=False)


@data.command()
def restore_experiment(
    file: Annotated[Path, typer.Argument(help="Archive of `hndp archive`, or of the browser.")],
    name: Annotated[
        str | None, typer.Option(help="Of the experiment here.", show_default="as it was")
    ] = None,
) -> None:
    """Restore an experiment of this or another studio from its archive."""
    _restore_experiment(file, name)


@data.command()
def sample() -> None:
    """Load the sample that comes with the studio: a recorded experiment to look around in."""
    from app.sample.service import SAMPLE_NAME, sample_archive

    _restore_experiment(sample_archive(), SAMPLE_NAME)


@data.command()
def backup(
    target: Annotated[Path, typer.Argument(help="New folder, or new file that ends in .zip.")],
) -> None:
    """Copy the database and all artefacts, with checksums. The studio may run meanwhile."""
    from app.backup.backup import write_backup
    from app.platform.settings import load_settings

    with progress_bar("Artefacts") as report:
        manifest = write_backup(load_settings(), target, report)
    _terminal.print(f"{len(manifest.files)} files in {target}", markup=False)


@data.command()
def restore(
    source: Annotated[Path, typer.Argument(help="Folder or file that `hndp backup` wrote.")],
) -> None:
    """Fill an empty data folder (and database) from a backup, after checking every byte of it."""
    from app.backup.backup import restore_backup
    from app.platform.settings import load_settings

    settings = load_settings()
    with progress_bar("Artefacts") as report:
        manifest = restore_backup(settings, source, report)
    _terminal.print(f"Restored the backup of {manifest.made_at}. Start the studio: hndp serve", markup=False)


@data.command()
def retention(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would be deleted.")] = False,
) -> None:
    """Delete what is kept no longer by the settings HNDP_KEEP_...; a worker does so once a day."""
    from app.platform.durable import Jobs
    from app.platform.model import now
    from app.retention.retention import delete_overdue, find_overdue

    with _studio() as (settings, database):
        with database.reading() as session:
            overdue = find_overdue(session, settings, now())
        for line in overdue.lines() or ["Nothing: everything is kept."]:
            _terminal.print(line, markup=False)
        if not dry_run:
            jobs = Jobs(database.engine)
            delete_overdue(database, settings.artefacts, jobs, overdue)
            jobs.close()


def _restore_experiment(file: Path, name: str | None) -> None:
    from app.platform.durable import Jobs
    from app.transfers import archive_restoring

    with _studio() as (settings, database), progress_bar("Files") as report:
        jobs = Jobs(database.engine)
        experiment_id = archive_restoring.restore_experiment(
            database, settings.artefacts, jobs, file, report, name
        )
        jobs.close()
    _terminal.print(f"Restored as experiment {experiment_id}.", markup=False)


@contextmanager
def _studio() -> Iterator[tuple["Settings", "Database"]]:
    """The settings and the database of this machine."""
    from app.platform.database import Database
    from app.platform.migration import require_current
    from app.platform.settings import load_settings

    settings = load_settings()
    database = Database(settings.resolved_database_url)
    try:
        require_current(database)
        yield settings, database
    finally:
        database.close()


def _experiment(database: "Database", wanted: str) -> int:
    """Id of an experiment by its name, or else by its number.

    Raises:
        NotFound: neither is known.
        InTheBin: it was thrown away.
    """
    from app.experiments.repository import ExperimentRepository
    from app.platform.errors import NotFound

    with database.reading() as session:
        experiments = ExperimentRepository(session)
        named = experiments.named(wanted)
        if named is None and not wanted.isdecimal():
            raise NotFound("experiment", wanted)
        return experiments.get(named.id if named is not None else int(wanted)).id
