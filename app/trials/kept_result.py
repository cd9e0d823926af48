"""What a trial's row keeps of its rollout; the rest is in its files."""

import math

from sqlalchemy.orm import Session

from app.cells.scene_setting import SceneSet
from app.platform.model import now
from app.trials.models import SceneMatch, Trial
from hndp_core.rollout import RolloutRecord
from hndp_core.rollout.motion_quality import motion_quality


def keep_result(
    session: Session,
    trial: Trial,
    record: RolloutRecord,
    refusal: str | None,
    scene: SceneSet,
    *,
    cut_short: bool,
) -> None:
    """Write what came of a trial into its row, and who set its scene. The caller commits.

    Args:
        session: of the row
        trial: that was executed
        record: of its rollout
        refusal: why the safety check refused the plan, if it did
        scene: that it began in
        cut_short: whether a label has ended it
    """
    trial.refusal, trial.slow_down = refusal, record.slow_down
    trial.cut_short_at_s = float(record.time_s[-1]) if cut_short else None
    trial.period_error_p99_ms = record.period_error_p99_ms
    trial.physics_success, trial.measures = _success(record, refusal), _measures(record)
    if scene.user_id is not None:
        source = scene.reference.source if scene.reference is not None else None
        match = SceneMatch(trial_id=trial.id, user_id=scene.user_id, reference=source, matched_at=now())
        session.merge(match)  # a trial that a crash cut off after its press is pressed for again


def keep_motion(trial: Trial, record: RolloutRecord, rate_hz: float, arm_s: float) -> None:
    """Write how the motion was into the row of its trial: dashboards are not to open thousands of records.

    Args:
        trial: that was executed
        record: of its rollout; of a motion that was cut short, what was made counts
        rate_hz: of the commands
        arm_s: for which it took the arm
    """
    trial.arm_s = arm_s
    if len(record.measured):
        commanded = record.commanded[: math.ceil(len(record.measured) / record.slow_down)]
        made = motion_quality(record.start_joints, commanded, rate_hz, record.slow_down)
        trial.squared_jerk = made.squared_jerk
        trial.velocity_share, trial.acceleration_share = made.velocity_share, made.acceleration_share


def _success(record: RolloutRecord, refusal: str | None) -> bool | None:
    if refusal is not None:
        return False
    return record.outcome.success if record.outcome is not None else None


def _measures(record: RolloutRecord) -> dict[str, float] | None:
    """What the judge has measured; JSON knows no numbers but finite ones."""
    if record.outcome is None:
        return None
    return {name: value for name, value in record.outcome.measures.items() if math.isfinite(value)}
