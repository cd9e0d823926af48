"""Recordings that a cell left on its disk."""

from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select

from app.accounts.models import User
from app.demonstrations.models import Motion
from app.demonstrations.motions import recording_of
from app.demonstrations.salvage import new_recording_path, offer_cut_off, offer_recording, recording_header
from app.experiments.models import Region
from app.platform.settings import Settings
from hndp_core.data.artefact_store import ArtefactStore
from hndp_core.data.episode_file import EpisodeHeader
from hndp_core.data.episode_log import EpisodeLog
from hndp_core.errors import StorageFull

from .conftest import Draft

SAMPLES = 211


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "recordings"


@pytest.fixture
def recording(draft: Draft, user: User, folder: Path) -> Path:
    """The file of a recording in T3 that was ended in order, with its start image."""
    with draft.database.reading() as session:
        region = session.scalars(select(Region).where(Region.name == "T3")).one()
        path = new_recording_path(folder, region)
        header = recording_header(region, user, 50.0, start_image="start.png")
    with EpisodeLog(path, header) as log:
        for sample in range(SAMPLES):
            log.append(sample / 50, np.full(7, sample / 1000))
    (folder / "start.png").write_bytes(b"image")
    return path


def _tear(path: Path, size: int) -> None:
    path.write_bytes(path.read_bytes()[:-size])


def _motions(draft: Draft) -> list[tuple[str, float | None]]:
    with draft.database.reading() as session:
        return [(each.name, each.cut_off_s) for each in session.scalars(select(Motion))]


def test_cut_off_recording_is_offered_on_the_board(
    draft: Draft, settings: Settings, folder: Path, recording: Path
) -> None:
    _tear(recording, 100)  # the end, and a part of the last sample
    [motion_id] = offer_cut_off(draft.database, settings.artefacts, folder)
    assert list(folder.iterdir()) == []
    assert "T3: A recording was cut off after 4.2 s" in draft.client.get(draft.page).text
    page = draft.client.get(f"/motions/{motion_id}").text
    assert "Keep what is there, or throw it away and record again." in page
    with draft.database.reading() as session:
        kept = recording_of(settings.artefacts, session.get_one(Motion, motion_id))
    assert len(kept.joints) == SAMPLES - 1
    np.testing.assert_allclose(kept.joints[:, 0], np.arange(SAMPLES - 1) / 1000)


def test_recording_that_ended_in_order_is_offered_as_such(
    draft: Draft, settings: Settings, recording: Path
) -> None:
    assert offer_recording(draft.database, settings.artefacts, recording) == 1
    assert _motions(draft) == [(recording.stem, None)]
    assert "T3: Guided by hand" in draft.client.get(draft.page).text


def test_crash_between_offering_and_removing_offers_once(
    draft: Draft, settings: Settings, folder: Path, recording: Path
) -> None:
    content = recording.read_bytes()
    offer_cut_off(draft.database, settings.artefacts, folder)
    recording.write_bytes(content)
    assert offer_cut_off(draft.database, settings.artefacts, folder) == [1]
    assert len(_motions(draft)) == 1


def test_recording_cut_off_before_its_first_sample_is_removed(
    draft: Draft, settings: Settings, folder: Path, recording: Path
) -> None:
    recording.write_bytes(recording.read_bytes()[:20])
    assert offer_cut_off(draft.database, settings.artefacts, folder) == []
    assert not recording.exists()
    assert _motions(draft) == []


def test_recording_whose_region_is_gone_does_not_stop_the_cell(
    draft: Draft, settings: Settings, folder: Path
) -> None:
    path = folder / "T9-1.episode"
    header = EpisodeHeader(50.0, "scooping@clean", "T9", reference={"region_id": 99, "user_id": 1})
    with EpisodeLog(path, header) as log:
        for sample in range(3):
            log.append(sample / 50, np.zeros(7))
    assert offer_cut_off(draft.database, settings.artefacts, folder) == []
    assert path.with_suffix(".not-offered").exists()


def test_full_disk_leaves_the_recording_for_the_next_start(
    draft: Draft, settings: Settings, folder: Path, recording: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: ArtefactStore, key: str, content: bytes) -> None:
        raise StorageFull(key)

    with monkeypatch.context() as patched:
        patched.setattr(ArtefactStore, "write", full)
        assert offer_cut_off(draft.database, settings.artefacts, folder) == []
    assert _motions(draft) == []
    assert len(offer_cut_off(draft.database, settings.artefacts, folder)) == 1
    assert len(_motions(draft)) == 1


def test_recording_that_nobody_needs_any_more_is_left_on_the_disk(
    draft: Draft, settings: Settings, folder: Path, recording: Path
) -> None:
    content = recording.read_bytes()
    draft.start()
    assert offer_cut_off(draft.database, settings.artefacts, folder) == []
    assert recording.with_suffix(".not-offered").read_bytes() == content
    assert offer_cut_off(draft.database, settings.artefacts, folder) == []
