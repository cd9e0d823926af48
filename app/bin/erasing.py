"""Deleting for good: rows first, in one transaction; what they named goes once that is committed."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from sqlalchemy.orm import Session

from app.platform.durable import Jobs
from app.platform.errors import Conflict
from app.transfers.archive_layout import FOLDERS
from app.transfers.belongings import Belongings, belongings, delete_all
from hndp_core.data.artefact_store import ArtefactStore

_FOLDERS: Final = {**FOLDERS, "transfers": "transfers"}
_JOBS: Final = {
    "experiments": "refinement",
    "demonstrations": "demonstration",
    "replays": "replay",
    "transfers": "transfer",
}
"""First part of the name of the durable job that each row of a table has."""


@dataclass(frozen=True)
class Remains:
    """What is left of deleted rows outside of their tables.

    Attributes:
        folders: of artefacts
        jobs: durable ones. A later row may get the number of a deleted one, whose job would count as done.
    """

    folders: tuple[str, ...]
    jobs: tuple[str, ...]

    def clear(self, store: ArtefactStore, jobs: Jobs) -> None:
        """Remove it; to be called once the deletion is committed. Doing it twice changes nothing."""
        jobs.forget(self.jobs)
        for folder in self.folders:
            store.delete_folder(folder)


def erase(session: Session, table: str, ids: Collection[int]) -> Remains:
    """Delete rows with everything that belongs to them. The caller commits, then clears the remains.

    Rows that tie a part of an experiment to another part, such as a take to its motion, go along.

    Raises:
        Conflict: something refers to a whole experiment that belongs to others, too.
    """
    found = belongings(session, table, ids)
    if found.ties and table == "experiments":
        named = ", ".join(f"{len(rows)} in {name}" for name, rows in found.ties.items())
        raise Conflict(
            f"Something that stays rests on it ({named}), such as a comparison with other experiments. "
            "Delete that first."
        )
    delete_all(session, found)
    return Remains(_named(found, _FOLDERS), _named(found, {job: table for table, job in _JOBS.items()}))


def _named(found: Belongings, tables: dict[str, str]) -> tuple[str, ...]:
    return tuple(f"{name}/{each}" for name, table in tables.items() for each in found.ids(table))
