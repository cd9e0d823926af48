"""An experiment's data as files on this machine: facts as JSON, numbers as CSV, motions as npz."""

import json
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from app.client.studio_client import StudioClient

FIGURES: Final = ("success", "outcomes", "training")


def export_experiment(
    studio: StudioClient, experiment: int, folder: Path, *, videos: bool, tell: Callable[[str], None]
) -> None:
    """Write an experiment into a folder. A record that is there already, by its hash, is not fetched again,
    so an export that was cut off goes on.

    Args:
        studio: where it is
        experiment: its number
        folder: takes experiment.json, regions.json, iterations.json, gates.json, the CSV tables of figures/,
            demonstrations.jsonl, trials.jsonl, and the npz files of demonstrations/ and trials/
        videos: fetch the videos, too
        tell: is told how far it is

    Raises:
        RemoteRefusal, StudioUnreachable: what was written stays.
    """
    path = f"/experiments/{experiment}"
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / "experiment.json", studio.get(path))
    for name in ("regions", "iterations", "gates"):
        _write(folder / f"{name}.json", studio.get(f"{path}/{name}"))
    for figure in FIGURES:
        studio.download(f"/api/v1{path}/figures/{figure}/csv", folder / "figures" / f"{figure}.csv")
    lists = {
        "demonstrations": studio.each(f"{path}/demonstrations"),
        "trials": studio.each("/trials", experiment=experiment),
    }
    for kind, rows in lists.items():
        count = _records(studio, kind, rows, folder, videos=videos)
        tell(f"{count} {kind}")


def _records(
    studio: StudioClient, kind: str, rows: Iterator[dict[str, Any]], folder: Path, *, videos: bool
) -> int:
    """Fetch the files of all rows, then list the rows: the list stands only beside complete files."""
    lines = []
    for row in rows:
        name = f"{row['id']:06d}"
        arrays = folder / kind / f"{name}.npz"
        if row["record"] and not _holds(arrays, row["sha256"]):
            studio.download(row["record"], arrays)
        video = folder / kind / f"{name}.mp4"
        if videos and row["files"] and not video.is_file():
            studio.download(row["files"]["video"], video)
        lines.append(json.dumps(row))
    (folder / f"{kind}.jsonl").write_text("".join(f"{line}\n" for line in lines))
    return len(lines)


def _holds(file: Path, digest: str | None) -> bool:
    return file.is_file() and sha256(file.read_bytes()).hexdigest() == digest


def _write(file: Path, content: Any) -> None:
    file.write_text(json.dumps(content, indent=2) + "\n")
