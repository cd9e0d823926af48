"""Lays out the scene of a motion; in an attended cell a person says that it is as it shall be."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from jaxtyping import UInt8
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.cells.scene_desk import Reference, SceneDesk, SceneOrder
from app.demonstrations.models import Demonstration, Motion
from app.platform.database import Database
from app.trials.models import SceneMatch, Trial
from hndp_core.data.artefact_store import ArtefactStore, MissingArtefact
from hndp_core.data.images import decode_image
from hndp_core.robots.robot import Robot
from hndp_core.tasks import get_task
from hndp_core.tasks.camera_format import STILL_HEIGHT, STILL_WIDTH
from hndp_core.tasks.region import Region
from hndp_core.tasks.variation import SceneVariation


@dataclass(frozen=True)
class SceneWanted:
    """The scene of one motion.

    Attributes:
        title: of the motion, such as "gate trial in T7"
        experiment_id: that it belongs to
        region_id: of the region's row
        region: where the object shall be
        task: name in the registry
        seed: of the scene's variation, where a simulator sets it
        checked: whether a person is asked on an attended cell
    """

    title: str
    experiment_id: int
    region_id: int
    region: Region
    task: str
    seed: int
    checked: bool


@dataclass(frozen=True)
class SceneSet:
    """A scene that is as wanted.

    Attributes:
        user_id: who says so; None where nobody was asked
        matched: what the camera showed at their press, RGB
        reference: what they compared it with
    """

    user_id: int | None = None
    matched: UInt8[np.ndarray, "height width 3"] | None = None
    reference: Reference | None = None


class SceneSetter:
    """Prepares scenes on one cell."""

    def __init__(self, database: Database, store: ArtefactStore, desk: SceneDesk) -> None:
        self._database = database
        self._store = store
        self._desk = desk

    def set(self, robot: Robot, wanted: SceneWanted, given_up: Callable[[], bool]) -> SceneSet | None:
        """Bring the arm home and the scene into its state; None if that was given up, or the arm disturbed.

        To be called while the arm is in use; nothing moves after the arm is home.

        Raises:
            HndpError: the arm or its camera fails.
        """
        task = get_task(wanted.task)
        if not (self._desk.asks and wanted.checked):
            robot.prepare(wanted.region, task.variation(wanted.seed))
            return SceneSet()
        reference = self._reference(robot, wanted)
        robot.prepare(wanted.region, task.variation(wanted.seed))
        order = SceneOrder(
            title=wanted.title,
            experiment_id=wanted.experiment_id,
            region=wanted.region,
            what=task.scene_order,
            reference=reference,
            outline=robot.region_outline(wanted.region),
            simulated=robot.simulated,
        )
        user_id = self._desk.wait_until_matches(order, given_up)
        if user_id is None:
            return None
        return SceneSet(user_id, robot.capture(STILL_WIDTH, STILL_HEIGHT), reference)

    def _reference(self, robot: Robot, wanted: SceneWanted) -> Reference | None:
        """The stored one; a simulator draws the nominal scene of a region that has none."""
        with self._database.reading() as session:
            stored = stored_reference(session, self._store, wanted.region_id)
        if stored is not None or not robot.simulated:
            return stored
        robot.prepare(wanted.region, SceneVariation.none())
        return Reference(robot.capture(STILL_WIDTH, STILL_HEIGHT), "simulation")


def stored_reference(session: Session, store: ArtefactStore, region_id: int) -> Reference | None:
    """The first frame of the region's demonstration; where it has none, of the first trial whose scene a
    person has matched there; else the scene in which a hand last led a real arm.
    """
    shown = session.scalars(
        select(Demonstration)
        .where(Demonstration.region_id == region_id, Demonstration.status.in_(("accepted", "recorded")))
        .order_by(Demonstration.status, Demonstration.id.desc())  # an accepted one comes first
    ).first()
    with suppress(MissingArtefact):
        if shown is not None:
            return Reference(decode_image(store.read(f"{shown.artefact_key}/first.jpg")), "demonstration")
    folder = session.scalars(
        select(Trial.artefact_key)
        .join(SceneMatch, SceneMatch.trial_id == Trial.id)
        .where(Trial.region_id == region_id, Trial.status == "executed")
        .order_by(Trial.id)
    ).first()
    with suppress(MissingArtefact):
        if folder is not None:
            return Reference(decode_image(store.read(f"{folder}/scene_matched.jpg")), "trial")
    led = select(Motion).where(Motion.region_id == region_id, Motion.source == "guided")
    for motion in session.scalars(led.order_by(Motion.id.desc())):
        with suppress(MissingArtefact):
            return Reference(decode_image(store.read(motion.start_image_key)), "demonstration")
    return None
