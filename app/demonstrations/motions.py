"""What may happen to a motion that a hand or a file brought, and when. The caller commits."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.audit.service import audit
from app.cells.record_routes import record_url
from app.demonstrations.models import Demonstration, Motion
from app.demonstrations.repository import DemonstrationRepository
from app.demonstrations.service import queue_takes, refuse_after_start
from app.experiments.models import Region
from app.experiments.repository import ExperimentRepository
from app.platform.durable import Jobs
from app.platform.errors import Conflict, Invalid
from app.platform.model import now
from hndp_core.data.artefact_store import ArtefactStore
from hndp_core.data.joint_recording import JointRecording
from hndp_core.data.prepared_motion import PreparedMotion, prepare_motion
from hndp_core.tasks import get_task


def store_motion(
    session: Session,
    store: ArtefactStore,
    *,
    region: Region,
    user: User,
    recording: JointRecording,
    source: Literal["guided", "imported"],
    name: str,
    notes: Sequence[str] = (),
    cut_off_s: float | None = None,
) -> Motion:
    """Keep the samples of a motion, to be looked at before it becomes a demonstration.

    Raises:
        Conflict: the experiment has started.
        Invalid: the region is held out: those are never demonstrated.
        StorageFull: no room; nothing was kept.
    """
    refuse_after_start(ExperimentRepository(session).locked(region.experiment_id))
    if region.split != "train":
        raise Invalid(
            f"{region.name} is a held-out region: it is never demonstrated. Choose a train region.",
            field="region",
        )
    row = Motion(
        region=region,
        region_id=region.id,
        source=source,
        name=name[-200:],
        notes=list(notes),
        sha256="",
        cut_off_s=cut_off_s,
        created_by=user,
        created_by_id=user.id,
    )
    session.add(row)
    session.flush()
    row.sha256 = store.write(row.artefact_key, recording.to_bytes()).sha256
    session.flush()
    return row


def recording_of(store: ArtefactStore, motion: Motion) -> JointRecording:
    """The samples of a motion as they came.

    Raises:
        MissingArtefact, DamagedArtefact: the file is gone, or is not what was stored.
    """
    return JointRecording.from_bytes(store.read(motion.artefact_key, expected_sha256=motion.sha256))


def prepared(motion: Motion, recording: JointRecording) -> PreparedMotion:
    """The motion as the arm will execute it."""
    task = get_task(motion.region.experiment.task)
    home = np.array(task.home_joints)
    return prepare_motion(recording, home, task.rollout_length, task.control_rate_hz, trim=motion.trimmed)


def start_image(store: ArtefactStore, motion: Motion) -> str | None:
    """URL of the scene as a hand began to lead a real arm; None where nothing was seen."""
    if not store.exists(motion.start_image_key):
        return None
    return record_url(f"motions/{motion.id}", motion.sha256, "start.png")


def keep(session: Session, jobs: Jobs, user: User, motion_id: int) -> Demonstration:
    """Queue the motion for the arm, which makes a demonstration of it; twice asked, once queued.

    Raises:
        Conflict: it is in the bin, or the experiment has started.
    """
    motion = _changeable(session, motion_id)
    if motion.status == "binned":
        raise Conflict("This motion is in the bin. Bring it back first.")
    takes = DemonstrationRepository(session).of_motion(motion.id)
    if motion.status == "kept" and takes:
        return takes[-1]
    motion.status = "kept"
    [row] = queue_takes(session, jobs, user, [motion.region], motion)
    return row


def act_on_motion(
    session: Session, user: User, motion_id: int, act: Literal["trim", "untrim", "bin", "restore"]
) -> Motion:
    """Do one of the acts on a motion, with its note in the audit log.

    Raises:
        Conflict: it does not fit the motion's status, or the experiment has started.
    """
    if act in ("trim", "untrim"):
        return set_trimmed(session, motion_id, act == "trim")
    motion = {"bin": throw_away, "restore": bring_back}[act](session, motion_id)
    audit(
        session,
        user,
        {"bin": "binned", "restore": "restored"}[act],
        f"motion {motion.id} in {motion.region.name}",
    )
    return motion


def set_trimmed(session: Session, motion_id: int, trimmed: bool) -> Motion:
    """Cut the still ends off, or take that back.

    Raises:
        Conflict: the arm executes it already, or the experiment has started.
    """
    motion = _changeable(session, motion_id)
    if motion.status == "kept":
        raise Conflict("This motion was handed to the arm as it is. Import or record it again to change it.")
    motion.trimmed = trimmed
    session.flush()
    return motion


def throw_away(session: Session, motion_id: int) -> Motion:
    """Put a motion into the bin; `bring_back` undoes it.

    Raises:
        Conflict: a demonstration was made of it, or the experiment has started.
    """
    motion = _changeable(session, motion_id)
    if motion.status == "kept":
        raise Conflict("A demonstration was made of this motion: throw that one away instead.")
    motion.status, motion.binned_at = "binned", motion.binned_at or now()
    session.flush()
    return motion


def bring_back(session: Session, motion_id: int) -> Motion:
    """Bring a motion back from the bin.

    Raises:
        Conflict: the experiment has started.
    """
    motion = _changeable(session, motion_id)
    if motion.status == "binned":
        motion.status, motion.binned_at = "waiting", None
        session.flush()
    return motion


def _changeable(session: Session, motion_id: int) -> Motion:
    motion = DemonstrationRepository(session).motion(motion_id)
    refuse_after_start(ExperimentRepository(session).locked(motion.region.experiment_id))
    return motion
