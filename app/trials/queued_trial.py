"""A trial as a label page shows it. Nothing here knows what the physics says."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict, Unpack

from app.accounts.models import User
from app.cells.record_routes import record_url
from app.experiments.models import Experiment, Region
from app.trials.judgement import Rating, owed_by, second_rating, standing_label
from app.trials.models import Trial
from hndp_core.tasks import Rubric, Workspace, get_task
from hndp_core.tasks.camera_format import FRAME_INTERVAL


@dataclass(frozen=True)
class QueuedTrial:
    """A trial to be judged.

    Attributes:
        address: of its page; its labels are sent there
        experiment, iteration: that it belongs to; None of a blind trial
        regions: among which the map shows its own
        review: address of its motion; None where that is not shown
        rating: what kind of judgement is asked for
        seen: id of the label that the page has seen, 0 for none: a label by somebody else in the meantime
            is then noticed
        frame_s: time from one frame of the video to the next [s]
    """

    id: int
    address: str
    experiment: Experiment | None
    iteration: int | None
    regions: Sequence[Region]
    workspace: Workspace
    success_rule: str
    rubric: Rubric
    region: Region
    purpose: str
    purpose_title: str
    run: str
    review: str | None
    rating: Rating
    seen: int
    video: str | None
    start: str | None
    first: str | None
    last: str | None
    refusal: str | None
    slow_down: float | None
    cut_short_at_s: float | None
    scene_reference: str | None
    scene_matched: str | None
    simulated: bool
    frame_s: float


class OfOwner(TypedDict):
    """What a page shows of a trial that depends on what it was run for, see `QueuedTrial`."""

    address: str
    experiment: Experiment | None
    iteration: int | None
    regions: Sequence[Region]
    rubric: Rubric
    purpose_title: str
    run: str
    review: str | None


def queued_trial(trial: Trial, user: User, task: str, **of_owner: Unpack[OfOwner]) -> QueuedTrial:
    """A trial, with its region, scene and labels, for who is to judge it; `task` is what it tries."""
    tried = get_task(task)
    rating = owed_by(trial, user) or "first"
    seen = second_rating(trial) if rating == "second" else standing_label(trial)
    return QueuedTrial(
        id=trial.id,
        workspace=tried.workspace,
        success_rule=tried.success_rule,
        region=trial.region,
        purpose=trial.purpose,
        rating=rating,
        seen=seen.id if seen else 0,
        **record_urls(trial),
        refusal=trial.refusal,
        slow_down=trial.slow_down,
        cut_short_at_s=trial.cut_short_at_s,
        **scene_urls(trial),
        simulated=trial.simulated,
        frame_s=FRAME_INTERVAL / tried.control_rate_hz,
        **of_owner,
    )


def record_urls(trial: Trial) -> dict[str, str | None]:
    """Where the trial's film and pictures are: `video`, `start`, `first` and `last`."""
    files = {"video": "video.mp4", "start": "start.png", "first": "first.jpg", "last": "last.jpg"}
    return {name: record_url(trial.artefact_key, trial.sha256, file) for name, file in files.items()}


def scene_urls(trial: Trial) -> dict[str, str | None]:
    """Where the two pictures of the trial's scene are: `scene_reference` and `scene_matched`."""
    match = trial.scene
    there = {"scene_reference": match and match.reference, "scene_matched": match}
    return {
        name: record_url(trial.artefact_key, trial.sha256, f"{name}.jpg") if is_there else None
        for name, is_there in there.items()
    }
