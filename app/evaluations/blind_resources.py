"""Trials of sessions, their labels and the queue as programs get them: nothing here tells whose policy one
tried, and who owes an independent judgement is told no other one.
"""

from datetime import datetime
from typing import Any

from pydantic import BaseModel

from app.accounts.models import User
from app.api.record_links import RecordFiles
from app.evaluations.models import EvaluationSession
from app.trials.judgement import Rating, is_disputed, owed_by, second_rating, standing_label
from app.trials.models import Trial
from app.trials.queued_trial import QueuedTrial
from app.trials.resources import LabelResource, RubricResource


class BlindTrialResource(BaseModel):
    """An evaluation trial, with all its label events as far as who asks may know them.

    `owed` is the kind of judgement that who asks may still give, `instead_of` what a judgement is to say, so
    that one by somebody else in the meantime is noticed.
    """

    id: int
    evaluation_id: int
    region: str
    attempt: int
    status: str
    simulated: bool
    second_rated: bool
    refusal: str | None
    slow_down: float | None
    executed_at: datetime | None
    owed: Rating | None
    disputed: bool
    instead_of: int
    labels: list[LabelResource]
    files: RecordFiles | None

    @classmethod
    def of(cls, row: Trial, session: EvaluationSession, asker: User) -> "BlindTrialResource":
        made = {"evaluation_id", "region", "owed", "disputed", "instead_of", "labels", "files"}
        open_yet = row.status == "executed" and session.status != "closed"
        owed = owed_by(row, asker) if open_yet else None
        seen = second_rating(row) if owed == "second" else standing_label(row)
        return cls(
            **{name: getattr(row, name) for name in cls.model_fields.keys() - made},
            evaluation_id=session.id,
            region=row.region.name,
            owed=owed,
            disputed=is_disputed(row),
            instead_of=seen.id if seen else 0,
            labels=[] if owed == "second" else [LabelResource.of(each) for each in row.labels],
            files=RecordFiles.of(row.artefact_key, row.sha256),
        )


class BlindQueuedResource(BaseModel):
    """A trial that waits for who asks.

    `rating` is the kind of judgement that is asked for, `instead_of` what a judgement is to say, so that one
    by somebody else in the meantime is noticed.
    """

    id: int
    evaluation_id: int
    region: str
    attempt: int
    rating: Rating
    instead_of: int
    simulated: bool
    refusal: str | None
    slow_down: float | None
    success_rule: str
    rubric: RubricResource
    files: RecordFiles | None

    @classmethod
    def of(cls, view: QueuedTrial, row: Trial, evaluation_id: int) -> "BlindQueuedResource":
        kept = {"id", "rating", "simulated", "refusal", "slow_down", "success_rule"}
        return cls(
            **{name: getattr(view, name) for name in kept},
            evaluation_id=evaluation_id,
            region=view.region.name,
            attempt=row.attempt,
            instead_of=view.seen,
            rubric=RubricResource.of(view.rubric),
            files=RecordFiles.of(row.artefact_key, row.sha256),
        )


class BlindQueueResource(BaseModel):
    """The next trials of a session's queue, how many wait for who asks in all, and how many of the session
    are on other people's screens.
    """

    waiting: int
    elsewhere: int
    items: list[BlindQueuedResource]


class MotionResource(BaseModel):
    """How the arm moved: joints [rad] and, where the task knows its tool, the tip's x, y, z [m], each a
    column over `time_s`; in simulation also the tip's place in the film, as shares of its width and height.
    """

    time_s: list[float]
    joints: list[list[float]]
    tip: list[list[float]] | None
    picture: list[tuple[float, float]] | None

    @classmethod
    def of(cls, review: dict[str, Any]) -> "MotionResource":
        tip = review["trial"] or {"tip": None, "picture": None}
        return cls(time_s=review["time_s"], joints=review["joints"], tip=tip["tip"], picture=tip["picture"])
