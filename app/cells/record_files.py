"""The files of one rollout in the artefact store, for demonstrations and trials alike."""

from fractions import Fraction

import numpy as np

from app.cells.scene_setting import SceneSet
from hndp_core.data.artefact_store import ArtefactStore
from hndp_core.data.images import decode_image, encode_image
from hndp_core.data.trajectory import pack_arrays, unpack_arrays
from hndp_core.data.video import encode_video
from hndp_core.rollout import RolloutRecord
from hndp_core.tasks.camera_format import FRAME_INTERVAL


def store_record(
    store: ArtefactStore,
    folder: str,
    name: str,
    record: RolloutRecord,
    rate_hz: float,
    scene: SceneSet | None = None,
) -> str:
    """Write {name}.npz, start.png, first.jpg, last.jpg and video.mp4, and scene_reference.jpg and
    scene_matched.jpg where a person has set the scene; return the SHA-256 of the npz file.

    The npz holds start_joints, state, commanded, slow_down, measured and time_s. Equal records give equal
    bytes.

    Raises:
        StorageFull: no room; none of the files remains.
    """
    frames = record.frames or (record.first_frame,)
    arrays = {
        each: np.asarray(getattr(record, each))
        for each in ("start_joints", "state", "commanded", "slow_down", "measured", "time_s")
    }
    contents = {
        "start.png": encode_image(record.start_image, "png"),
        "first.jpg": encode_image(record.first_frame, "jpg"),
        "last.jpg": encode_image(record.last_frame, "jpg"),
        "video.mp4": encode_video(frames, Fraction(rate_hz) / FRAME_INTERVAL),
        **_scene_files(scene),
        f"{name}.npz": pack_arrays(arrays),
    }
    written: list[str] = []
    try:
        artefacts = []
        for file, content in contents.items():
            written.append(f"{folder}/{file}")
            artefacts.append(store.write(f"{folder}/{file}", content))
    except BaseException:
        for key in written:
            store.delete(key)
        raise
    return artefacts[-1].sha256


def _scene_files(scene: SceneSet | None) -> dict[str, bytes]:
    files = {}
    if scene is not None and scene.matched is not None:
        files["scene_matched.jpg"] = encode_image(scene.matched, "jpg")
        if scene.reference is not None:
            files["scene_reference.jpg"] = encode_image(scene.reference.picture, "jpg")
    return files


def load_record(
    store: ArtefactStore, folder: str, name: str, sha256: str | None
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Return the arrays of {name}.npz and the policy's start image.

    Raises:
        MissingArtefact, DamagedArtefact: the file is gone, or has other bytes than were stored.
    """
    arrays = unpack_arrays(store.read(f"{folder}/{name}.npz", expected_sha256=sha256))
    return arrays, decode_image(store.read(f"{folder}/start.png"))
