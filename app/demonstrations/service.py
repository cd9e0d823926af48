"""What may happen to a demonstration, and when. The caller commits."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.demonstrations.models import Demonstration, Motion, MotionTake, Replay
from app.demonstrations.repository import LIVE, DemonstrationRepository
from app.experiments.models import Experiment, Region
from app.experiments.repository import ExperimentRepository
from app.platform.durable import Jobs
from app.platform.errors import Conflict
from app.platform.model import now


class NoTeacher(Conflict):
    """The scripted teacher knows where everything is, which nobody knows of a real scene."""

    def __init__(self) -> None:
        super().__init__(
            "The scripted teacher demonstrates on simulated arms only. Guide the arm by hand, or import a "
            "motion."
        )


def owed_regions(experiment: Experiment, demonstrations: Sequence[Demonstration]) -> list[Region]:
    """Train regions that have no demonstration, and none on its way."""
    served = {each.region_id for each in demonstrations if each.status in LIVE}
    return [each for each in experiment.regions if each.split == "train" and each.id not in served]


def acceptable(demonstrations: Sequence[Demonstration]) -> list[Demonstration]:
    """The latest recorded take of each region without an accepted one, unless something about it stands out.

    One bad demonstration spoils the scaling of all: what has a warning is accepted one by one, after a look.
    """
    accepted = {each.region_id for each in demonstrations if each.status == "accepted"}
    recorded = [
        each for each in demonstrations if each.status == "recorded" and each.region_id not in accepted
    ]
    latest = {each.region_id: each for each in recorded}
    return [each for each in latest.values() if each.warning is None]


def record_owed(session: Session, jobs: Jobs, user: User, experiment_id: int) -> list[Demonstration]:
    """Queue a demonstration by the teacher in each region that owes one; twice asked, once queued.

    Raises:
        NoTeacher: the arm is real.
        Conflict: the experiment has started.
    """
    experiment = ExperimentRepository(session).locked(experiment_id)
    refuse_after_start(experiment)
    if not experiment.cell.is_simulated:
        raise NoTeacher
    rows = DemonstrationRepository(session)
    owed = owed_regions(experiment, rows.of_experiment(experiment_id))
    return queue_takes(session, jobs, user, owed)


def accept(session: Session, demonstration_id: int) -> Demonstration:
    """Take a recorded demonstration for training; another accepted one of its region steps back.

    Raises:
        Conflict: it is not recorded, or the experiment has started.
    """
    row = _changeable(session, demonstration_id)
    if row.status == "accepted":
        return row  # asked twice
    if row.status != "recorded":
        raise Conflict(f"This demonstration is {row.status}: only a recorded one can be accepted.")
    _step_back(session, row.region_id)
    row.status = "accepted"
    session.flush()
    return row


def accept_all(session: Session, experiment_id: int) -> list[Demonstration]:
    """Accept what `acceptable` lists.

    Raises:
        Conflict: the experiment has started.
    """
    experiment = ExperimentRepository(session).locked(experiment_id)
    refuse_after_start(experiment)
    rows = acceptable(DemonstrationRepository(session).of_experiment(experiment_id))
    for row in rows:
        row.status = "accepted"
    session.flush()
    return rows


def redo(session: Session, jobs: Jobs, user: User, demonstration_id: int) -> Demonstration:
    """Put a demonstration into the bin and queue a new take in its region; return the new one.

    What was made of a motion is made of it again; the scripted teacher shows another one.

    Raises:
        Conflict: it is under way or in the bin, or the experiment has started.
    """
    row = _changeable(session, demonstration_id)
    if row.status in ("queued", "recording"):
        raise Conflict("This demonstration is just being recorded. Wait for it, then redo it.")
    if row.status == "binned":
        raise Conflict("This demonstration is in the bin. Bring it back first, or record what is owed.")
    _put_into_bin(row)
    session.flush()
    return queue_takes(session, jobs, user, [row.region], row.motion)[0]


def throw_into_bin(session: Session, demonstration_id: int) -> Demonstration:
    """Throw a demonstration away; `restore` brings it back.

    Raises:
        Conflict: it is just being recorded, or the experiment has started.
    """
    row = _changeable(session, demonstration_id)
    if row.status == "recording":
        raise Conflict("This demonstration is just being recorded. Wait for it, then throw it away.")
    if row.status != "binned":
        _put_into_bin(row)
        session.flush()
    return row


def restore(session: Session, demonstration_id: int) -> Demonstration:
    """Bring a demonstration back from the bin, accepted only if its region has no other accepted one.

    Raises:
        Conflict: it is not in the bin, or the experiment has started.
    """
    row = _changeable(session, demonstration_id)
    if row.status != "binned":
        raise Conflict(f"This demonstration is not in the bin: it is {row.status}.")
    vacant = DemonstrationRepository(session).accepted(row.region_id) is None
    if row.artefact_key is None:
        row.status = "failed"
        row.error = row.error or "It was thrown away before it was recorded: redo it."
    else:
        row.status = "accepted" if row.binned_from == "accepted" and vacant else "recorded"
    row.binned_from, row.binned_at = None, None
    session.flush()
    return row


def _changeable(session: Session, demonstration_id: int) -> Demonstration:
    rows = DemonstrationRepository(session)
    row = rows.get(demonstration_id)
    refuse_after_start(ExperimentRepository(session).locked(row.region.experiment_id))
    return row


def refuse_after_start(experiment: Experiment) -> None:
    """Raises:
    Conflict: the experiment has started.
    """
    if experiment.status != "draft":
        raise Conflict(
            f"{experiment.name} has started: its demonstrations are fixed, so that every result can be "
            "traced to them. Create another experiment to use others."
        )


def _step_back(session: Session, region_id: int) -> None:
    other = DemonstrationRepository(session).accepted(region_id)
    if other is not None:
        other.status = "recorded"
        session.flush()


def _put_into_bin(row: Demonstration) -> None:
    row.binned_from, row.binned_at, row.status = row.status, now(), "binned"


def queue_takes(
    session: Session, jobs: Jobs, user: User, regions: Sequence[Region], motion: Motion | None = None
) -> list[Demonstration]:
    """Queue one new take in each region, of a motion or of the scripted teacher."""
    rows = DemonstrationRepository(session)
    queued = []
    for region in regions:
        takes = [each.take for each in rows.of_region(region.id)]
        row = Demonstration(
            region_id=region.id,
            region=region,
            take=max(takes, default=0) + 1,
            source="teacher" if motion is None else motion.source,
            status="queued",
            created_by_id=user.id,
        )
        rows.add(row)
        if motion is not None:
            session.add(MotionTake(demonstration_id=row.id, motion_id=motion.id))
            session.flush()
        queued.append(row)
    if queued:
        jobs.record_demonstrations(session, regions[0].experiment.cell, [each.id for each in queued])
    return queued


def replay(session: Session, jobs: Jobs, user: User, demonstration_id: int) -> Replay:
    """Execute a demonstration once more on the arm; one that waits already is not asked for twice.

    It changes nothing, and may be asked for after the start, too.

    Raises:
        Conflict: it is not recorded.
    """
    rows = DemonstrationRepository(session)
    row = rows.get(demonstration_id)
    if row.artefact_key is None:
        raise Conflict("This demonstration was never recorded: there is nothing to replay.")
    last = rows.last_replay(demonstration_id)
    if last is not None and last.status in ("queued", "running"):
        return last
    asked = Replay(demonstration_id=row.id, created_by_id=user.id, status="queued")
    session.add(asked)
    session.flush()
    jobs.replay(session, row.region.experiment.cell, asked.id)
    return asked
