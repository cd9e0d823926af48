"""Trials, their labels and the queue as programs get them. Who owes an independent judgement is told no other
one, and nobody the simulator's answer before their judgement is over.
"""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.accounts.models import User
from app.api.record_links import RecordFiles
from app.cells.motion_words import ReferenceSource
from app.trials.judgement import Rating, is_disputed, owed_by, standing_label
from app.trials.models import LabelEvent, Trial
from app.trials.queued_trial import QueuedTrial, scene_urls
from hndp_core.tasks import Rubric
from hndp_core.tasks.rubric import MOST_CHARACTERS, MOST_FAILURE_MODES, MOST_MILESTONES


class LabelResource(BaseModel):
    """One judgement of one trial. The last that is no second rating counts, unless it is `withdrawn`."""

    id: int
    trial_id: int
    author: str
    outcome: Literal["success", "failure", "invalid", "withdrawn"]
    rating: Rating
    score: float | None
    milestones: list[str] | None
    failure_mode: str | None
    note: str | None
    created_at: datetime

    @classmethod
    def of(cls, row: LabelEvent) -> "LabelResource":
        told = cls.model_fields.keys() - {"author"}
        return cls(**{name: getattr(row, name) for name in told}, author=row.author.name)


class TrialResource(BaseModel):
    """A rollout's stored record.

    `label` is the one that counts, null where there is none or where it is not told to who asks; `owed` the
    kind of judgement that who asks may still give. `record` is the address of its arrays (npz).
    """

    id: int
    experiment_id: int
    iteration: int
    region_id: int
    region: str
    purpose: Literal["local", "gate", "held_out"]
    repeat: int
    attempt: int
    status: Literal["planned", "running", "executed", "cancelled"]
    simulated: bool
    second_rated: bool
    cut_short_at_s: float | None
    refusal: str | None
    slow_down: float | None
    period_error_p99_ms: float | None
    created_at: datetime
    started_at: datetime | None
    executed_at: datetime | None
    sha256: str | None
    record: str | None
    files: RecordFiles | None
    owed: Rating | None
    label: LabelResource | None

    @classmethod
    def of(cls, row: Trial, asker: User) -> "TrialResource":
        made = {"experiment_id", "iteration", "region", "record", "files", "owed", "label"}
        owed, label = _owed(row, asker), standing_label(row)
        return cls(
            **{name: getattr(row, name) for name in TrialResource.model_fields.keys() - made},
            experiment_id=row.iteration.experiment_id,
            iteration=row.iteration.number,
            region=row.region.name,
            record=f"/api/v1/trials/{row.id}/record" if row.artefact_key else None,
            files=RecordFiles.of(row.artefact_key, row.sha256),
            owed=owed,
            label=None if label is None or owed == "second" else LabelResource.of(label),
        )


class GroundTruth(BaseModel):
    """What the simulator says of a trial; `measures` have their unit in their name."""

    success: bool | None
    measures: dict[str, float]


class SceneResource(BaseModel):
    """Who said, before a trial of an attended cell, that its scene matches, with the addresses of what they
    saw and of what they compared it with. `source` is what the reference was the first frame of.
    """

    matched_by: str
    matched_at: datetime
    source: ReferenceSource | None
    reference: str | None
    matched: str | None

    @classmethod
    def of(cls, row: Trial) -> "SceneResource | None":
        """None where nobody was asked."""
        if row.scene is None:
            return None
        pictures = scene_urls(row)
        return cls.model_validate(
            {
                "matched_by": row.scene.user.name,
                "matched_at": row.scene.matched_at,
                "source": row.scene.reference,
                "reference": pictures["scene_reference"],
                "matched": pictures["scene_matched"],
            }
        )


class TipPath(BaseModel):
    """Where the tool's tip was: x, y, z [m] over time, and where known its places in the film (u, v)."""

    tip: list[list[float]]
    picture: list[list[float]] | None


class MotionReview(BaseModel):
    """The motion of a trial, thinned, with that of the region's demonstration beside it.

    `joints` holds each joint's positions [rad], at `time_s`; paths are null where the task knows no tip.
    """

    time_s: list[float]
    joints: list[list[float]]
    trial: TipPath | None
    demonstration: TipPath | None


class TrialDetail(BaseModel):
    """A trial with all its label events, as far as who asks may know them; the physics once it is judged."""

    trial: TrialResource
    scene: SceneResource | None
    labels: list[LabelResource]
    disputed: bool
    next_attempt: int | None
    gate: Literal[0, 1] | None
    gate_outdated: bool
    ground_truth: GroundTruth | None

    @classmethod
    def of(
        cls, row: Trial, asker: User, again: Trial | None, gate: int | None, truth: GroundTruth | None,
        *, outdated: bool,
    ) -> "TrialDetail":  # fmt: skip
        hidden = _owed(row, asker) == "second"
        return cls(
            trial=TrialResource.of(row, asker),
            scene=SceneResource.of(row),
            labels=[] if hidden else [LabelResource.of(each) for each in row.labels],
            disputed=is_disputed(row),
            next_attempt=None if again is None else again.id,
            gate=None if gate is None else 1 if gate else 0,
            gate_outdated=outdated,
            ground_truth=truth,
        )


class AgreementResource(BaseModel):
    """How far two people agree who judged the same trials independently (Cohen's kappa)."""

    pairs: int
    agreeing: int
    kappa: float | None
    drawn: int
    disputed: int


class MilestoneResource(BaseModel):
    """One thing that a trial can reach, with what it adds to the score."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=MOST_CHARACTERS)
    credit: float = Field(gt=0, le=1, description="The credits of a rubric add up to 1.")


class RubricResource(BaseModel):
    """What may be said of a trial beyond success and failure."""

    model_config = ConfigDict(extra="forbid")

    milestones: list[MilestoneResource] = Field(max_length=MOST_MILESTONES)
    failure_modes: list[Annotated[str, Field(min_length=1, max_length=MOST_CHARACTERS)]] = Field(
        max_length=MOST_FAILURE_MODES
    )

    @classmethod
    def of(cls, rubric: Rubric) -> "RubricResource":
        return cls(
            milestones=[MilestoneResource(name=each.name, credit=each.credit) for each in rubric.milestones],
            failure_modes=list(rubric.failure_modes),
        )


class QueuedResource(BaseModel):
    """A trial that waits for who asks.

    `rating` is the kind of judgement that is asked for, `instead_of` what the label form is to say, so that a
    judgement by somebody else in the meantime is noticed.
    """

    id: int
    experiment_id: int
    iteration: int
    region: str
    purpose: Literal["gate", "held_out"]
    rating: Rating
    instead_of: int
    simulated: bool
    refusal: str | None
    slow_down: float | None
    success_rule: str
    rubric: RubricResource
    files: RecordFiles | None

    @classmethod
    def of(cls, view: QueuedTrial, row: Trial) -> "QueuedResource":
        kept = {"id", "purpose", "rating", "simulated", "refusal", "slow_down", "success_rule"}
        return cls(
            **{name: getattr(view, name) for name in kept},
            experiment_id=row.iteration.experiment_id,
            iteration=row.iteration.number,
            region=view.region.name,
            instead_of=view.seen,
            rubric=RubricResource.of(view.rubric),
            files=RecordFiles.of(row.artefact_key, row.sha256),
        )


class QueueResource(BaseModel):
    """The next trials of the queue, and how many wait in all, by purpose."""

    waiting: dict[str, int]
    items: list[QueuedResource]


def _owed(row: Trial, asker: User) -> Rating | None:
    """What kind of judgement a trial waits for that who asks may give; None for one that nobody judges."""
    return owed_by(row, asker) if row.status == "executed" and row.purpose != "local" else None
