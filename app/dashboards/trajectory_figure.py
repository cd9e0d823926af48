"""Demonstration, local and global trajectory of one region over each other (H-NDP Fig. 3)."""

from collections.abc import Sequence

import numpy as np

from app.dashboards.motion_repository import StoredMotion
from app.dashboards.repository import DashboardRepository
from app.dashboards.schemas import AngleUnit, JointCurve, Source, TrajectoryFigure
from app.experiments.models import Region
from app.platform.errors import NotFound
from hndp_core.data.artefact_store import ArtefactStore, DamagedArtefact, MissingArtefact
from hndp_core.data.trajectory import unpack_arrays
from hndp_core.tasks import get_task

ANGLE_DIGITS = 6


def trajectory_figure(
    repository: DashboardRepository,
    store: ArtefactStore,
    *,
    region_id: int | None,
    iteration: int | None,
    unit: AngleUnit,
) -> TrajectoryFigure:
    """Commanded joint angles; without a choice, the first region and the last iteration.

    Raises:
        NotFound: no such experiment, region or iteration in it.
    """
    rate_hz = get_task(repository.experiment().task).control_rate_hz
    region = _chosen_region(repository.regions(), region_id)
    number = _chosen_iteration(repository.iterations(), iteration)
    if region is None:
        return TrajectoryFigure(
            region_id=None, region=None, split=None, iteration=number, unit=unit, curves=[], missing=[]
        )
    curves: list[JointCurve] = []
    missing: list[str] = []
    for source, title, motion in _motions(repository, region, number):
        if motion is None:
            missing.append(f"{title}: none in {region.name} yet.")
            continue
        try:
            curves.append(_curve(store, source, title, motion, unit, rate_hz))
        except (MissingArtefact, DamagedArtefact) as problem:
            missing.append(f"{title}: {problem}")
    return TrajectoryFigure(
        region_id=region.id,
        region=region.name,
        split=region.split,  # pyright: ignore[reportArgumentType]  the table's check constraint
        iteration=number,
        unit=unit,
        curves=curves,
        missing=missing,
    )


def _chosen_region(regions: Sequence[Region], region_id: int | None) -> Region | None:
    if region_id is None:
        return regions[0] if regions else None
    for region in regions:
        if region.id == region_id:
            return region
    raise NotFound("region", region_id)


def _chosen_iteration(numbers: Sequence[int], iteration: int | None) -> int | None:
    if iteration is None:
        return numbers[-1] if numbers else None
    if iteration not in numbers:
        raise NotFound("iteration", iteration)
    return iteration


def _motions(
    repository: DashboardRepository, region: Region, iteration: int | None
) -> list[tuple[Source, str, StoredMotion | None]]:
    """What is to be drawn; held-out regions have neither a demonstration nor a local policy,
    and some methods have no local policies at all."""

    def trial(purpose: str) -> StoredMotion | None:
        return repository.motions.trial_in(region.id, iteration, purpose) if iteration is not None else None

    if region.split == "held_out":
        return [("global", "Global policy", trial("held_out"))]
    local: list[tuple[Source, str, StoredMotion | None]] = [("local", "Local policy", trial("local"))]
    return [
        ("demonstration", "Demonstration", repository.motions.demonstration_in(region.id)),
        *(local if repository.experiment().has_locals else ()),
        ("global", "Global policy", trial("gate")),
    ]


def _curve(
    store: ArtefactStore, source: Source, title: str, motion: StoredMotion, unit: AngleUnit, rate_hz: float
) -> JointCurve:
    name, pages = ("trajectory", "demonstrations") if source == "demonstration" else ("record", "trials")
    arrays = unpack_arrays(store.read(f"{motion.folder}/{name}.npz", expected_sha256=motion.sha256))
    angles = np.vstack([arrays["start_joints"], arrays["commanded"]])
    if unit == "deg":
        angles = np.degrees(angles)
    return JointCurve(
        source=source,
        title=title,
        href=f"/{pages}/{motion.id}",
        time_s=(np.arange(len(angles)) / rate_hz).round(4).tolist(),
        joints=angles.T.round(ANGLE_DIGITS).tolist(),
    )
