"""What an archive of an experiment consists of: a zip file of rows, artefacts and a manifest."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final, Self

from sqlalchemy import Table

from app.platform.errors import AppError
from app.platform.model import UtcDateTime

FORMAT: Final = "hndp-experiment"
VERSION: Final = 1
MANIFEST: Final = "manifest.json"
ROWS: Final = "rows/{table}.jsonl"
ARTEFACTS: Final = "artefacts/"

FOLDERS: Final = {
    "demonstrations": "demonstrations",
    "motions": "motions",
    "trials": "trials",
    "policies": "experiments",
}
"""First part of an artefact's key, with the table whose id is the second part."""

STAYS: Final = ("transfers", "assignments", "reservations")
"""Tables of what an experiment has on its server alone, such as who is asked there to judge it."""


NOT_WHOLE: Final = (
    "This file is no whole archive that `hndp archive` wrote. It may have been cut off on its way: "
    "copy it again."
)


class UnusableArchive(AppError):
    """A file that no experiment can be restored from; nothing was changed."""

    status_code = 422


@dataclass(frozen=True)
class Person:
    """A user as an archive names them."""

    name: str
    simulated: bool


@dataclass(frozen=True)
class Arm:
    """A cell as an archive names it."""

    name: str
    robot: str


@dataclass(frozen=True)
class Entry:
    """A file of an archive."""

    sha256: str
    size: int


@dataclass(frozen=True)
class Manifest:
    """What an archive says about itself.

    Attributes:
        experiment: its name
        schema: revision of the database that it came from
        made_at: when, as ISO 8601
        users: by their ids there
        cells: by their ids there
        current_gates: ids of the gates whose labels were not corrected since they were set
        files: all entries but the manifest, by name
    """

    experiment: str
    schema: str
    made_at: str
    users: Mapping[str, Person]
    cells: Mapping[str, Arm]
    current_gates: tuple[int, ...]
    files: Mapping[str, Entry]

    def to_bytes(self) -> bytes:
        return json.dumps({"format": FORMAT, "version": VERSION, **asdict(self)}, indent=1).encode()

    @classmethod
    def from_bytes(cls, content: bytes) -> Self:
        """
        Raises:
            UnusableArchive: no manifest, or one of a newer version.
        """
        try:
            stored = json.loads(content)
            if stored.pop("format") != FORMAT:
                raise UnusableArchive(NOT_WHOLE)
            if (version := stored.pop("version")) > VERSION:
                raise UnusableArchive(
                    f"This archive has format {version}, made by a newer version of H-NDP Studio; this one "
                    f"reads up to {VERSION}. Update the studio, then restore it."
                )
            return cls(
                experiment=str(stored["experiment"]),
                schema=str(stored["schema"]),
                made_at=str(stored["made_at"]),
                users={key: Person(**each) for key, each in stored["users"].items()},
                cells={key: Arm(**each) for key, each in stored["cells"].items()},
                current_gates=tuple(stored["current_gates"]),
                files={key: Entry(**each) for key, each in stored["files"].items()},
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise UnusableArchive(
                f"The archive's manifest cannot be read ({error!r}): make it again."
            ) from error


def row_to_json(row: Mapping[str, Any]) -> str:
    """A row as one line."""
    return json.dumps(
        {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()}
    )


def row_from_json(table: Table, line: str | bytes) -> dict[str, Any]:
    """The inverse of `row_to_json`.

    Raises:
        UnusableArchive: a column that the table does not have.
    """
    row: dict[str, Any] = json.loads(line)
    for name, value in row.items():
        if name not in table.c:
            raise UnusableArchive(
                f"The archive has a column {table.name}.{name} that is not known here: update the studio."
            )
        if value is not None and isinstance(table.c[name].type, UtcDateTime):
            row[name] = datetime.fromisoformat(value)
    return row
