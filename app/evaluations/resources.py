"""Evaluation sessions as programs send and get them. As long as one is open, nothing here tells whose policy
a trial tried.
"""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from app.evaluations.models import EvaluationSession
from app.evaluations.origin import origin_of
from app.evaluations.progress import Progress
from app.evaluations.schemas import MOST_REPEATS, NewSession, read_plan
from app.experiments.resources import CellName
from app.training.models import Policy
from app.trials.resources import AgreementResource, RubricResource
from hndp_core.evaluation.order import MOST_POLICIES
from hndp_core.tasks import Rubric


class EvaluationPlan(BaseModel):
    """A new session: which policies are tried in which regions of one experiment's layout, and how often."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=80)
    layout: int = Field(ge=1, description="The experiment whose regions they are tried in.")
    policies: list[int] = Field(min_length=2, max_length=MOST_POLICIES)
    regions: list[int] = Field(min_length=1, max_length=200)
    repeats: int = Field(8, ge=1, le=MOST_REPEATS)
    level: float = Field(0.05, ge=0.001, le=0.2)
    pairing: Literal["paired", "independent"] = "paired"
    design: Literal["fixed", "sequential"] = "fixed"
    operator: Literal["human", "simulated"] = "human"
    second_rater_percent: int = Field(
        0,
        ge=0,
        le=100,
        description="So many of the trials, drawn at random, are judged by a second person too.",
    )
    curves: Literal["hidden", "shown"] = Field(
        "hidden",
        description="Whether those who judge may see how the arm moved: an experienced eye may guess the "
        "method from that. Closed sessions show it.",
    )
    cell: str = Field(max_length=80)

    def read(self) -> NewSession:
        """Check the plan as the form of the page is checked.

        Raises:
            InvalidPlan: all problems at once.
        """
        form = {name: str(value) for name, value in self.model_dump(exclude={"policies", "regions"}).items()}
        return read_plan(form, [str(each) for each in self.policies], [str(each) for each in self.regions])


class ProgressResource(BaseModel):
    """How far a session is, over all letters together.

    `judged` counts trials that everybody who was to judge them has, and about which nobody disagrees.
    `waiting` counts those that wait for anybody's judgement, `second_owed` and `disputed` among them.
    """

    planned: int
    executed: int
    judged: int
    waiting: int
    second_owed: int
    disputed: int
    agreement: AgreementResource
    repeated: int
    hours_left: float | None
    enough: bool


class EvaluationResource(BaseModel):
    """A blind comparison of policies. `letters` stand for them; the report of a closed session names them."""

    id: int
    name: str
    task: str
    status: Literal["draft", "running", "paused", "closed"]
    operator: Literal["human", "simulated"]
    pairing: Literal["paired", "independent"]
    design: Literal["fixed", "sequential"]
    level: float
    repeats: int
    second_rater_share: float
    curves: Literal["hidden", "shown"]
    fault: str | None
    cell: CellName
    letters: list[str]
    created_by: str
    created_at: datetime
    started_at: datetime | None
    closed_at: datetime | None
    closed_by: str | None

    @classmethod
    def of(cls, row: EvaluationSession) -> "EvaluationResource":
        made = {"cell", "letters", "created_by", "closed_by"}
        return cls(
            **{name: getattr(row, name) for name in cls.model_fields.keys() - made},
            cell=CellName.model_validate(row.cell, from_attributes=True),
            letters=[each.letter for each in row.candidates],
            created_by=row.created_by.name,
            closed_by=None if row.closed_by is None else row.closed_by.name,
        )


class EvaluationDetail(BaseModel):
    """A session with its progress, and what may be said of its trials: the rubric that held at its start."""

    evaluation: EvaluationResource
    progress: ProgressResource
    rubric: RubricResource

    @classmethod
    def of(cls, row: EvaluationSession, progress: Progress, rubric: Rubric) -> "EvaluationDetail":
        told = ProgressResource.model_validate(progress, from_attributes=True)
        return cls(evaluation=EvaluationResource.of(row), progress=told, rubric=RubricResource.of(rubric))


class PolicyResource(BaseModel):
    """A global policy that can be evaluated."""

    id: int
    experiment_id: int
    iteration: int
    title: str
    sha256: str
    created_at: datetime

    @classmethod
    def of(cls, row: Policy) -> "PolicyResource":
        return cls(
            id=row.id,
            experiment_id=row.iteration.experiment_id,
            iteration=row.iteration.number,
            title=origin_of(row),
            sha256=row.sha256,
            created_at=row.created_at,
        )
