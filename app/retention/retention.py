"""What is kept no longer, by the settings HNDP_KEEP_...: found first, so that it can be told first."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.bin.erasing import erase
from app.demonstrations.models import Demonstration, Motion, MotionTake
from app.demonstrations.salvage import NOT_OFFERED
from app.experiments.models import Experiment
from app.platform.database import Database
from app.platform.durable import Jobs
from app.platform.errors import Conflict
from app.platform.settings import Settings
from app.transfers.models import Transfer
from app.transfers.repository import TransferRepository
from app.trials.models import Trial
from hndp_core.data.artefact_store import ArtefactStore

VIDEO = "video.mp4"

log = structlog.get_logger()


@dataclass(frozen=True)
class Overdue:
    """What is kept no longer.

    Attributes:
        experiments: ids of those that lay in the bin for too long
        demonstrations: ids of those, too
        motions: ids of those, and of recordings that a crash cut off and nobody took up
        transfers: ids of exported files whose time is over
        videos: keys of the videos of local trials
        recordings: files of recordings that could not be offered
    """

    experiments: tuple[int, ...] = ()
    demonstrations: tuple[int, ...] = ()
    motions: tuple[int, ...] = ()
    transfers: tuple[int, ...] = ()
    videos: tuple[str, ...] = ()
    recordings: tuple[Path, ...] = ()

    def lines(self) -> list[str]:
        """What would be deleted, for people."""
        named = {
            "experiments from the bin": self.experiments,
            "demonstrations from the bin": self.demonstrations,
            "motions from the bin, or cut off by a crash": self.motions,
            "exported files": self.transfers,
            "videos of local trials": self.videos,
            "recordings that could not be offered": self.recordings,
        }
        return [f"{len(found)} {what}" for what, found in named.items() if found]


def find_overdue(session: Session, settings: Settings, present: datetime) -> Overdue:
    """Look for everything whose time is over."""
    binned, cut_off = _since(settings.keep_binned_days, present), _since(settings.keep_cut_off_days, present)
    videos = _since(settings.keep_local_video_days, present)
    experiments, demonstrations = _binned(session, binned) if binned is not None else ((), ())
    return Overdue(
        experiments=experiments,
        demonstrations=demonstrations,
        motions=_motions(session, binned, cut_off),
        transfers=tuple(each.id for each in TransferRepository(session).expired(present)),
        videos=_videos(session, settings.artefacts, videos) if videos is not None else (),
        recordings=_recordings(settings.data_dir, cut_off) if cut_off is not None else (),
    )


def delete_overdue(database: Database, store: ArtefactStore, jobs: Jobs, overdue: Overdue) -> None:
    """Delete it for good. What something else rests on stays, and the log says so."""
    for table, ids in (
        ("experiments", overdue.experiments),
        ("demonstrations", overdue.demonstrations),
        ("motions", overdue.motions),
    ):
        for each in ids:
            _erase(database, store, jobs, table, each)
    for each in overdue.transfers:
        _expire(database, store, each)
    for key in overdue.videos:
        store.delete(key)
    for file in overdue.recordings:
        file.unlink(missing_ok=True)


def _since(days: float, present: datetime) -> datetime | None:
    """What is older is kept no longer; None: for ever."""
    return present - timedelta(days=days) if days else None


def _binned(session: Session, since: datetime) -> tuple[tuple[int, ...], tuple[int, ...]]:
    experiments = session.scalars(select(Experiment.id).where(Experiment.binned_at < since)).all()
    demonstrations = session.scalars(
        select(Demonstration.id).where(Demonstration.status == "binned", Demonstration.binned_at < since)
    ).all()
    return tuple(experiments), tuple(demonstrations)


def _motions(session: Session, binned: datetime | None, cut_off: datetime | None) -> tuple[int, ...]:
    """Motions that no demonstration was made of."""
    over = []
    if binned is not None:
        over.append((Motion.status == "binned") & (Motion.binned_at < binned))
    if cut_off is not None:
        over.append(
            (Motion.status == "waiting") & Motion.cut_off_s.is_not(None) & (Motion.created_at < cut_off)
        )
    if not over:
        return ()
    taken = select(MotionTake.motion_id)
    return tuple(session.scalars(select(Motion.id).where(or_(*over), Motion.id.not_in(taken))))


def _videos(session: Session, store: ArtefactStore, since: datetime) -> tuple[str, ...]:
    folders = session.scalars(
        select(Trial.artefact_key).where(
            Trial.purpose == "local", Trial.status == "executed", Trial.executed_at < since
        )
    )
    keys = (f"{folder}/{VIDEO}" for folder in folders if folder is not None)
    return tuple(each for each in keys if store.exists(each))


def _recordings(data_dir: Path, since: datetime) -> tuple[Path, ...]:
    found = sorted((data_dir / "recordings").glob(f"*/*{NOT_OFFERED}"))
    return tuple(each for each in found if each.stat().st_mtime < since.timestamp())


def _erase(database: Database, store: ArtefactStore, jobs: Jobs, table: str, row_id: int) -> None:
    try:
        with database.transaction() as session:
            remains = erase(session, table, [row_id])
    except Conflict as error:
        log.warning("kept although its time is over", table=table, id=row_id, reason=error.message)
        return
    remains.clear(store, jobs)
    log.info("deleted for good", table=table, id=row_id)


def _expire(database: Database, store: ArtefactStore, transfer_id: int) -> None:
    with database.transaction() as session:
        row = session.get(Transfer, transfer_id)
        key = row.artefact_key if row is not None else None
        if row is not None:
            row.artefact_key = None
    if key is not None:
        store.delete(key)
