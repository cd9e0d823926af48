"""Exports: an experiment's episodes, read one by one and written into a data set."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from app.platform.database import Database
from app.platform.errors import Conflict
from app.transfers.episodes import chosen_episodes, load_episode
from app.transfers.selection import Selection
from hndp_core.data.artefact_store import ArtefactStore, DamagedArtefact, MissingArtefact
from hndp_core.data.dataset import open_writer

Report = Callable[[int, int], None]
"""Takes how many of how many are done; may raise to break off."""


@dataclass(frozen=True)
class Exported:
    """What came of an export.

    Attributes:
        episodes: that were written
        left_out: why others were not, as sentences
    """

    episodes: int
    left_out: tuple[str, ...]


def export_dataset(
    database: Database,
    store: ArtefactStore,
    experiment_id: int,
    selection: Selection,
    folder: Path,
    report: Report,
) -> Exported:
    """Write the chosen episodes into an empty folder; one at a time is in memory.

    Raises:
        Conflict: nothing fits the selection, or nothing of it can be read.
        OccupiedFolder: the folder holds something.
    """
    with database.reading() as session:
        rows = chosen_episodes(session, experiment_id, selection)
    if not rows:
        raise Conflict("No recorded demonstration or trial fits this choice: choose more.")
    writer = open_writer(selection.format, folder)
    left_out: list[str] = []
    for done, row in enumerate(rows):
        report(done, len(rows))
        try:
            with database.reading() as session:
                episode = load_episode(session, store, row)
        except (MissingArtefact, DamagedArtefact) as error:
            left_out.append(f"{row.kind.capitalize()} {row.id} is left out. {error}")
            continue
        writer.add(episode)
    if len(left_out) == len(rows):
        raise Conflict(f"None of the {len(rows)} chosen files can be read. {left_out[0]}")
    writer.close()
    report(len(rows), len(rows))
    return Exported(len(rows) - len(left_out), tuple(left_out))
