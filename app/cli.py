"""The command line: `hndp COMMAND`. Each command imports what it needs when it runs, to start quickly."""

import json
import socket
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from typer.core import TyperGroup

from app.bench_commands import bench
from app.client.commands import remote
from app.data_commands import data
from app.platform.errors import AppError
from app.platform.logs import configure_logs
from hndp_core.errors import HndpError

CANNOT_START = 2

terminal = Console(highlight=False, soft_wrap=True)
complaints = Console(stderr=True, highlight=False, soft_wrap=True)


class PlainErrors(TyperGroup):
    """Errors that name their remedy are printed as one message; only surprises show a traceback."""

    def invoke(self, ctx: typer.Context) -> object:
        try:
            return super().invoke(ctx)
        except (AppError, HndpError) as error:
            complaints.print(f"hndp: {error}", markup=False)
            raise typer.Exit(CANNOT_START) from error


app = typer.Typer(
    cls=PlainErrors,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Teach a Franka arm dynamic skills, judge its trials, see how well it learned. Settings come from "
    "environment variables HNDP_... or a file .env; `hndp settings` lists them.",
)


@app.command()
def serve() -> None:
    """Run the whole studio on this machine: web server, training worker and the cell (simulated by default).

    Creates or updates the database, prints a one-time sign-in link, restarts what dies, and stops cleanly
    on Ctrl-C; jobs that were running go on at the next start.
    """
    from app.platform.settings import load_settings
    from app.platform.studio import serve_studio

    serve_studio(load_settings(), terminal.print)


@app.command()
def web(listener_fd: Annotated[int | None, typer.Option(hidden=True)] = None) -> None:
    """Run the web server alone. Needs a migrated database; any number may share a PostgreSQL one."""
    from app.platform.listening import listen
    from app.platform.settings import load_settings
    from app.platform.web_server import run_web

    settings = load_settings()
    if listener_fd is None:
        listener = listen(settings.host, settings.port, "HNDP_PORT")
        complaints.print(f"Web server on {settings.url()}")
    else:
        listener = socket.socket(fileno=listener_fd)
    run_web(settings, listener)


@app.command()
def worker(
    name: Annotated[
        str, typer.Option(help="Unique name; after a restart under it, its jobs go on at once.")
    ] = "worker-1",
) -> None:
    """Run a training worker. Several, on any machine, share the work of one PostgreSQL database."""
    from app.platform.settings import load_settings
    from app.training.worker import run_worker

    run_worker(load_settings(), name)


@app.command()
def cell(
    name: Annotated[str | None, typer.Option(help="Name of the cell.", show_default="HNDP_CELL_NAME")] = None,
    robot: Annotated[
        str | None, typer.Option(help="simulated, franka or panda-py.", show_default="HNDP_CELL_ROBOT")
    ] = None,
    robot_address: Annotated[
        str | None, typer.Option(help="Name or address of the arm's control unit, for panda-py.")
    ] = None,
    camera: Annotated[
        str | None,
        typer.Option(help="0, /dev/video2 or rtsp://HOST/PATH; ?width=W&height=H&rate=R&crop=X,Y,W,H."),
    ] = None,
    gripper: Annotated[bool, typer.Option("--gripper", help="The real arm has Franka's hand.")] = False,
    attended: Annotated[
        bool,
        typer.Option("--attended", help="Move the arm only while an operator's page is there; real arms do."),
    ] = False,
) -> None:
    """Run a cell: one robot with its camera, its queue of rollouts and its live picture.

    What is not given comes from the settings HNDP_CELL_NAME, HNDP_CELL_ROBOT, HNDP_CELL_CAMERA and so on.
    """
    from app.cells.process import run_cell
    from app.platform.settings import load_settings

    run_cell(
        load_settings(
            cell_name=name,
            cell_robot=robot,
            cell_robot_address=robot_address,
            cell_camera=camera,
            cell_gripper=gripper or None,
            cell_attended=attended or None,
        )
    )


@app.command()
def migrate() -> None:
    """Create the database or bring it up to date; refuses one that a newer version made."""
    from app.platform.migration import migrate_settings
    from app.platform.settings import load_settings

    settings = load_settings()
    migrate_settings(settings)
    terminal.print("The database is up to date.")


@app.command()
def sign_in_link(
    name: Annotated[
        str, typer.Option(help="Who signs in; made if unknown. Without a name: the first admin.")
    ] = "",
    role: Annotated[
        str, typer.Option(help="Role of a new user: viewer, operator, researcher or admin.")
    ] = "admin",
) -> None:
    """Print a link that signs somebody in, once."""
    from app.platform.settings import load_settings
    from app.platform.studio import make_sign_in_link

    terminal.print(make_sign_in_link(load_settings(), name, role), markup=False)


@app.command()
def settings() -> None:
    """List all settings with their environment variables, present values and meaning."""
    from app.platform.settings import load_settings

    present = load_settings()
    for name, field in type(present).model_fields.items():
        value = getattr(present, name) if field.repr else "(hidden)"
        terminal.print(f"HNDP_{name.upper()}={value}\n    {field.description}", markup=False)


@app.command()
def tasks() -> None:
    """List the tasks that can be taught, each with its levels of difficulty, from easy to hard."""
    from hndp_core.tasks import tasks_at_all_levels

    for name, levels in tasks_at_all_levels().items():
        terminal.print(f"{name}: {levels[0].title}", markup=False)
        for task in levels:
            meant = f" (what {name} alone means)" if task.level.name == task.default_level else ""
            terminal.print(f"    {name}@{task.level.name}: {task.level.meaning}{meant}", markup=False)


@app.command()
def run(
    data_dir: Annotated[Path, typer.Option(help="Folder of the run; an interrupted run goes on in it.")],
    task: Annotated[str, typer.Option(help="What to teach; `hndp tasks` lists the choice.")] = "scooping",
    method: Annotated[str, typer.Option(help="How to learn it.")] = "hndp",
    iterations: Annotated[int, typer.Option(help="Times that locals and global policy are trained.")] = 5,
    operator: Annotated[str, typer.Option(help="Who labels; simulated: by the physics.")] = "simulated",
    seed: Annotated[int, typer.Option(help="Of everything random: same seed, same bits.")] = 0,
    regions: Annotated[
        int | None,
        typer.Option(help="Train regions.", show_default="the task's own"),
    ] = None,
    held_out: Annotated[
        int | None, typer.Option(help="Regions that only measure.", show_default="the task's own")
    ] = None,
    layout_seed: Annotated[int, typer.Option(help="Which layout of the regions.")] = 0,
    demonstrations: Annotated[int, typer.Option(help="Demonstrations of each train region.")] = 1,
    device: Annotated[
        str, typer.Option(help="Where trainings are computed: cpu, or cuda where there is one.")
    ] = "cpu",
    as_json: Annotated[bool, typer.Option("--json", help="End stdout with the result as one line.")] = False,
) -> None:
    """Run the whole loop without a browser, with progress bars, and end with a table of success rates."""
    from hndp_core.experiments import headless_run
    from hndp_core.experiments.progress_report import ProgressBars, print_result
    from hndp_core.hierarchy.config import RefinementConfig

    settings = headless_run.HeadlessRun(
        task=task,
        config=RefinementConfig(method=method, iterations=iterations),
        operator=operator,
        seed=seed,
        regions=regions,
        held_out=held_out,
        layout_seed=layout_seed,
        demonstrations=demonstrations,
    )
    with ProgressBars() as bars:
        result = headless_run.run(settings, data_dir, report=bars, device=device)
    print_result(result, stderr=as_json)
    if as_json:
        typer.echo(json.dumps(result))


app.add_typer(bench, name="bench")
app.add_typer(data)
app.add_typer(remote, name="remote")


@app.command()
def results(
    folder: Annotated[Path, typer.Option(help="Holds the records of benches, and takes the pages.")] = Path(
        "docs/results"
    ),
) -> None:
    """Write pages and figures from the records of all benches."""
    from hndp_core.experiments.results_pages import write_pages

    for page in write_pages(folder):
        terminal.print(str(page), markup=False)


def main() -> None:
    configure_logs()
    app(prog_name="hndp")


if __name__ == "__main__":
    main()
