"""`hndp bench NAME`: each bench with options of its own. What runs is imported when it runs."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hndp_core.errors import InvalidSetting

if TYPE_CHECKING:
    from hndp_core.experiments.bench import BenchRecord

MISSED = 1
"""Exit status of a bench that missed a target."""

bench = typer.Typer(
    no_args_is_help=True,
    help="Measure figures of the project and compare them with their targets; exit status 1: one was missed.",
)

AsJson = Annotated[bool, typer.Option("--json", help="End stdout with the record as one line.")]
DataDir = Annotated[
    Path | None, typer.Option(help="Keeps what is made, so that an interrupted bench goes on there.")
]
Out = Annotated[
    Path | None, typer.Option(help="Also write the record there: a file, or a folder that takes NAME.json.")
]


@bench.command()
def loop(data_dir: DataDir = None, out: Out = None, as_json: AsJson = False) -> None:
    """Success after five iterations, and what it costs."""
    from app import benches

    _measure(lambda: benches.loop(data_dir), out, as_json)


@bench.command()
def dmp(out: Out = None, as_json: AsJson = False) -> None:
    """Speed of the layer that networks end in."""
    from app import benches

    _measure(benches.dmp, out, as_json)


@bench.command()
def digits(data_dir: DataDir = None, out: Out = None, as_json: AsJson = False) -> None:
    """Methods compared on images of handwriting."""
    from app import benches

    _measure(lambda: benches.digits(data_dir), out, as_json)


@bench.command()
def pose(data_dir: DataDir = None, out: Out = None, as_json: AsJson = False) -> None:
    """Visual features compared by the pose error of what is learned from them."""
    from app import benches

    _measure(lambda: benches.pose(data_dir), out, as_json)


@bench.command()
def sequential(out: Out = None, as_json: AsJson = False) -> None:
    """How often looking after every pair finds a difference that is not there, and what stopping saves."""
    from app import benches

    _measure(benches.sequential, out, as_json)


@bench.command()
def hostile(out: Out = None, as_json: AsJson = False) -> None:
    """10,000 hostile trajectories and 1,000 legal ones before the check that guards the arm."""
    from app import benches

    _measure(benches.hostile, out, as_json)


@bench.command()
def cell(out: Out = None, as_json: AsJson = False) -> None:
    """How evenly commands are sent at 50 Hz, alone and while every core trains."""
    from app import benches

    _measure(benches.cell, out, as_json)


@bench.command()
def stop(
    stops: Annotated[int, typer.Option(help="By the browser, and as many at the cell.", min=1)] = 200,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Time from a press of "stop motion" until the arm is held."""
    from app.cells import bench_stop

    _measure(lambda: bench_stop.measure(stops), out, as_json)


@bench.command()
def export(out: Out = None, as_json: AsJson = False) -> None:
    """Whether data sets read back as they were written, in every format."""
    from app import benches

    _measure(benches.export, out, as_json)


@bench.command()
def label(out: Out = None, as_json: AsJson = False) -> None:
    """Time from the key that labels a trial until the next one is on the screen, with 10,000 trials."""
    from app import benches

    _measure(benches.label, out, as_json)


@bench.command()
def recording(out: Out = None, as_json: AsJson = False) -> None:
    """What a killed recording loses, and how evenly one samples."""
    from app import benches

    _measure(benches.recording, out, as_json)


@bench.command()
def dashboards(
    trials: Annotated[
        int, typer.Option(help="In the database; each has three label events.", min=1)
    ] = 100_000,
    database_url: Annotated[
        str | None,
        typer.Option(
            help="A PostgreSQL server where databases may be created; without it SQLite alone is measured.",
            envvar="HNDP_TEST_DATABASE_URL",
        ),
    ] = None,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """How soon every dashboard answers over very many trials, on SQLite and on PostgreSQL."""
    from app.dashboards import bench_dashboards

    _measure(lambda: bench_dashboards.measure(trials, database_url), out, as_json)


@bench.command()
def table1(
    tasks: Annotated[
        str, typer.Option(help="Comma-separated, such as scooping,pouring@tight.", show_default="all")
    ] = "",
    levels: Annotated[
        str, typer.Option(help="Run each task at each of these levels.", show_default="the task's own")
    ] = "",
    rows: Annotated[
        str,
        typer.Option(
            "--rows",
            "--methods",
            help="Rows that get every seed, such as ndp_5x,hndp_1x_5.",
            show_default="one seed of every row, then the others of H-NDP and of the best baseline",
        ),
    ] = "",
    seeds: Annotated[int, typer.Option(help="How many seeds, counted from 0.", min=1)] = 1,
    layout_seed: Annotated[
        str, typer.Option(help="Which layouts of the regions: one, or a range 3-5.")
    ] = "0",
    jobs: Annotated[int, typer.Option(help="Runs at the same time, one core each.", min=1)] = 1,
    out: Annotated[Path, typer.Option(help="Takes results, tables and figures.")] = Path("docs/results"),
    data_dir: Annotated[Path, typer.Option(help="Keeps the work; an interrupted run goes on there.")] = Path(
        "data/table1"
    ),
    keep: Annotated[
        bool, typer.Option("--keep", help="Keep images and policies of finished runs in the data folder.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """H-NDP's Table I: every method on every task. Runs what is missing: it grows over several calls."""
    from app import benches
    from hndp_core.experiments.table1.schedule import Schedule

    schedule = Schedule(_names(tasks), _names(levels), _names(rows), seeds, _range(layout_seed))
    _measure(lambda: benches.table1(out, data_dir, schedule, jobs=jobs, keep=keep), None, as_json)


def _measure(measure: Callable[[], "BenchRecord"], out: Path | None, as_json: bool) -> None:
    from app.benches import print_record
    from hndp_core.experiments.bench.record import save_record, timed_record

    record = timed_record(measure)
    print_record(record, stderr=as_json)
    if out is not None:
        save_record(record, out)
    if as_json:
        typer.echo(record.to_json())
    if not record.met:
        raise typer.Exit(MISSED)


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _range(text: str) -> tuple[int, ...]:
    """ "3" or "3-5" as all numbers in it."""
    first, _, last = text.partition("-")
    if not (first.isdecimal() and (last or first).isdecimal()) or int(last or first) < int(first):
        raise InvalidSetting("layout-seed", text, "give one number, or a range such as 3-5")
    return tuple(range(int(first), int(last or first) + 1))
