"""Recordings of a hand, from the cell's disk to the page: ended in order, or cut off by a crash."""

import uuid
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy import select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.demonstrations.models import Motion
from app.demonstrations.motions import store_motion
from app.experiments.models import Region
from app.platform.database import Database
from app.platform.errors import AppError
from app.platform.settings import Settings
from hndp_core.data.artefact_store import ArtefactStore
from hndp_core.data.episode_file import Episode, EpisodeHeader, UnreadableEpisode, read_episode
from hndp_core.errors import HndpError, StorageFull

_ENDING: Final = ".episode"
NOT_OFFERED: Final = ".not-offered"

log = structlog.get_logger()


def recordings_folder(settings: Settings) -> Path:
    """Where this cell writes recordings that are under way; no other process does."""
    return settings.data_dir / "recordings" / settings.cell_name


def new_recording_path(folder: Path, region: Region) -> Path:
    """A file for a recording that begins."""
    return folder / f"{region.name}-{uuid.uuid4().hex[:12]}{_ENDING}"


def recording_header(region: Region, user: User, rate_hz: float, start_image: str | None) -> EpisodeHeader:
    """What a recording's file says about itself, so that it finds its place again after a crash."""
    return EpisodeHeader(
        rate_hz=rate_hz,
        task=region.experiment.task,
        region=region.name,
        start_image=start_image,
        reference={"region_id": region.id, "user_id": user.id},
    )


def offer_cut_off(database: Database, store: ArtefactStore, folder: Path) -> list[int]:
    """Offer what an earlier process of this cell was recording when it ended; return the motions' ids.

    To be called before this process records anything: until then every file in the folder is a left-over.
    """
    offered = [offer_recording(database, store, path) for path in sorted(folder.glob(f"*{_ENDING}"))]
    return [each for each in offered if each is not None]


def offer_recording(database: Database, store: ArtefactStore, path: Path) -> int | None:
    """Turn a recording's file into a motion to be looked at, and remove the file; return the motion's id.

    None for one that was cut off before its second sample. Where the experiment has started meanwhile, or its
    region is gone, the file stays under another name, and the log says so; where the disk is full it stays as
    it is, for the next start. A crash in the middle offers it once.
    """
    try:
        episode = read_episode(path)
        if episode.recording is None:
            _remove(path, episode.header.start_image)
            return None
        with database.transaction() as session:
            motion_id = _offer(session, store, path, episode)
    except UnreadableEpisode as error:
        log.warning("nothing to offer", recording=path.name, reason=str(error))
        _remove(path, None)
        return None
    except StorageFull as error:
        log.warning("recording waits for room", recording=path.name, reason=str(error))
        return None
    except (AppError, HndpError, LookupError, NoResultFound) as error:
        log.warning("recording not offered", recording=path.name, reason=str(error))
        path.rename(path.with_suffix(NOT_OFFERED))
        return None
    _remove(path, episode.header.start_image)
    return motion_id


def _offer(session: Session, store: ArtefactStore, path: Path, episode: Episode) -> int:
    name, header, recording = path.stem, episode.header, episode.recording
    assert recording is not None
    start_image = None if header.start_image is None else path.parent / header.start_image
    known = session.scalar(select(Motion.id).where(Motion.name == name, Motion.source == "guided"))
    if known is not None:
        return known
    motion = store_motion(
        session,
        store,
        region=session.get_one(Region, header.reference["region_id"]),
        user=session.get_one(User, header.reference["user_id"]),
        recording=recording,
        source="guided",
        name=name,
        cut_off_s=None if episode.complete else recording.duration_s,
    )
    if start_image is not None and start_image.exists():
        try:
            store.write(motion.start_image_key, start_image.read_bytes())
        except StorageFull:
            store.delete(motion.artefact_key)  # its row is taken back, and it comes again as another one
            raise
    return motion.id


def _remove(path: Path, start_image: str | None) -> None:
    if start_image is not None:
        (path.parent / start_image).unlink(missing_ok=True)
    path.unlink()
