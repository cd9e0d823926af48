"""Evaluation sessions as programs send and get them. As long as one is open, nothing here tells whose policy
a trial tried.
"""

from datetime import datetime
from math import isfinite
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.api.record_links import RecordFiles
from app.evaluations.models import EvaluationSession
from app.evaluations.origin import origin_of
from app.evaluations.progress import Progress
from app.evaluations.report import LetterResult, Verdict
from app.evaluations.schemas import MOST_REPEATS, NewSession, read_plan
from app.experiments.resources import CellName
from app.training.models import Policy
from app.trials.models import LabelEvent, Trial
from hndp_core.evaluation.order import MOST_POLICIES
from hndp_core.evaluation.success_rate import SuccessRate


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
    cell: str = Field(max_length=80)

    def read(self) -> NewSession:
        """Check the plan as the form of the page is checked.

        Raises:
            InvalidPlan: all problems at once.
        """
        form = {name: str(value) for name, value in self.model_dump(exclude={"policies", "regions"}).items()}
        return read_plan(form, [str(each) for each in self.policies], [str(each) for each in self.regions])


class ProgressResource(BaseModel):
    """How far a session is, over all letters together."""

    planned: int
    executed: int
    judged: int
    waiting: int
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
    """A session with its progress."""

    evaluation: EvaluationResource
    progress: ProgressResource

    @classmethod
    def of(cls, row: EvaluationSession, progress: Progress) -> "EvaluationDetail":
        told = ProgressResource.model_validate(progress, from_attributes=True)
        return cls(evaluation=EvaluationResource.of(row), progress=told)


class BlindLabel(BaseModel):
    """One judgement of one evaluation trial."""

    id: int
    author: str
    outcome: Literal["success", "failure", "invalid", "withdrawn"]
    created_at: datetime

    @classmethod
    def of(cls, row: LabelEvent) -> "BlindLabel":
        return cls.model_validate(
            {"id": row.id, "author": row.author.name, "outcome": row.outcome, "created_at": row.created_at}
        )


class BlindTrialResource(BaseModel):
    """An evaluation trial. `seen` is the last label event, 0 for none: a judgement says which it has seen."""

    id: int
    evaluation_id: int
    region: str
    attempt: int
    status: str
    simulated: bool
    refusal: str | None
    slow_down: float | None
    executed_at: datetime | None
    seen: int
    labels: list[BlindLabel]
    files: RecordFiles | None

    @classmethod
    def of(cls, row: Trial, evaluation_id: int) -> "BlindTrialResource":
        made = {"evaluation_id", "region", "seen", "labels", "files"}
        return cls(
            **{name: getattr(row, name) for name in cls.model_fields.keys() - made},
            evaluation_id=evaluation_id,
            region=row.region.name,
            seen=row.labels[-1].id if row.labels else 0,
            labels=[BlindLabel.of(each) for each in row.labels],
            files=RecordFiles.of(row.artefact_key, row.sha256),
        )


class BlindQueueResource(BaseModel):
    """The trial to be judged next, and how many wait."""

    waiting: int
    trial: BlindTrialResource | None


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


class RateResource(BaseModel):
    """k successes of n trials."""

    successes: int
    trials: int

    @classmethod
    def of(cls, rate: SuccessRate) -> "RateResource":
        return cls(successes=rate.successes, trials=rate.trials)


class LetterResource(BaseModel):
    """What a letter stood for, and how it did; intervals are 95 %, `few` says fewer than 10 trials."""

    letter: str
    title: str
    experiment_id: int
    counted: RateResource
    wilson: tuple[float, float]
    exact: tuple[float, float]
    score: float
    score_interval: tuple[float | None, float | None]
    invalid: int
    few: bool

    @classmethod
    def of(cls, view: LetterResult) -> "LetterResource":
        own = {name: getattr(view, name) for name in cls.model_fields.keys() - {"counted", "score_interval"}}
        low, high = view.score_interval
        return cls(**own, counted=RateResource.of(view.counted), score_interval=(_finite(low), _finite(high)))


class VerdictResource(BaseModel):
    """Two letters against each other."""

    first: str
    second: str
    difference: float | None
    test: str
    pairs: int
    only_first: int
    only_second: int
    p: float | None
    adjusted_p: float | None
    different: bool
    e_value: float | None

    @classmethod
    def of(cls, view: Verdict) -> "VerdictResource":
        found = {
            name: getattr(view.found, name)
            for name in cls.model_fields.keys() - {"first", "second", "difference", "e_value"}
        }
        return cls(
            **found,
            first=view.first,
            second=view.second,
            difference=_finite(view.difference),
            e_value=_finite(view.found.e_value),
        )


class RegionRates(BaseModel):
    """Rates of all letters in one region, in their order."""

    region: str
    rates: list[RateResource]


class ReportResource(BaseModel):
    """What a closed session found."""

    evaluation: EvaluationResource
    letters: list[LetterResource]
    verdicts: list[VerdictResource]
    regions: list[RegionRates]
    invalid: int
    unlabelled: int
    not_run: int
    planned: int
    counted: int
    raters: list[str]

    @classmethod
    def of(cls, view: dict[str, Any]) -> "ReportResource":
        excluded = view["exclusions"]
        return cls(
            evaluation=EvaluationResource.of(view["row"]),
            letters=[LetterResource.of(each) for each in view["letters"]],
            verdicts=[VerdictResource.of(each) for each in view["verdicts"]],
            regions=[
                RegionRates(region=region.name, rates=[RateResource.of(rate) for rate in rates])
                for region, rates in view["regions"]
            ],
            invalid=excluded.invalid,
            unlabelled=excluded.unlabelled,
            not_run=excluded.not_run,
            planned=view["planned"],
            counted=view["counted"],
            raters=list(view["raters"]),
        )


def _finite(value: float) -> float | None:
    """JSON knows no other numbers: what is not finite comes of no trial, or of evidence beyond all."""
    return value if isfinite(value) else None
