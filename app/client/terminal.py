"""What the commands have in common on the terminal: arguments, tables, plans in files."""

import json
from collections.abc import Iterable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from app.platform.errors import Invalid

terminal = Console(highlight=False, soft_wrap=True, markup=False)

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line, as the API tells it.")]
Experiment = Annotated[int, typer.Argument(help="Its number, as `hndp remote experiments` lists it.")]
Trial = Annotated[int, typer.Argument(help="Its number.")]
FailureMode = Annotated[str | None, typer.Option(help="Why it failed, by the task's rubric.")]
Note = Annotated[str | None, typer.Option(help="The reason, where a label is corrected.")]
Plan = Annotated[Path, typer.Argument(help="A JSON file with what the API asks for.")]


class Outcome(StrEnum):
    """How a trial is judged."""

    SUCCESS = "success"
    FAILURE = "failure"
    INVALID = "invalid"


def show_rows(rows: Iterable[Mapping[str, Any]], columns: tuple[str, ...], as_json: bool) -> None:
    """A table for people, or lines for programs."""
    if as_json:
        for row in rows:
            typer.echo(json.dumps(row))
        return
    table = Table(*columns, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*("" if row[name] is None else str(row[name]) for name in columns))
    terminal.print(table)


def read_json(file: Path) -> Any:
    """
    Raises:
        Invalid: the file is not there, or holds something else.
    """
    try:
        return json.loads(file.read_text())
    except (OSError, ValueError) as error:
        raise Invalid(f"{file} cannot be read as JSON: {error}", field="plan") from error
