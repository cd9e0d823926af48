"""The report of a closed session as programs get it."""

from math import isfinite
from typing import Any

from pydantic import BaseModel

from app.evaluations.failures import FailureMode
from app.evaluations.report import LetterResult, Verdict
from app.evaluations.resources import EvaluationResource
from app.trials.resources import AgreementResource, RubricResource
from hndp_core.evaluation.success_rate import SuccessRate


class RateResource(BaseModel):
    """k successes of n trials."""

    successes: int
    trials: int

    @classmethod
    def of(cls, rate: SuccessRate) -> "RateResource":
        return cls(successes=rate.successes, trials=rate.trials)


class LetterResource(BaseModel):
    """What a letter stood for, and how it did; intervals are 95 %, `few` says fewer than 10 trials.

    `score` is the mean partial credit.
    """

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


class FailureModeResource(BaseModel):
    """Why trials failed: how many of each letter, in their order; `notes` say what `other` means."""

    mode: str
    counts: list[int]
    notes: list[str]

    @classmethod
    def of(cls, view: FailureMode) -> "FailureModeResource":
        return cls(mode=view.mode, counts=list(view.counts), notes=list(view.notes))


class ReportResource(BaseModel):
    """What a closed session found.

    Where no failure has milestones (`failures_with_milestones`), partial credit is success alone; else the
    failures without them count 0. `unsettled` trials wait for a second judgement, or for one that settles it.
    """

    evaluation: EvaluationResource
    letters: list[LetterResource]
    verdicts: list[VerdictResource]
    regions: list[RegionRates]
    failure_modes: list[FailureModeResource]
    failures: list[int]
    failures_with_milestones: int
    rubric: RubricResource
    agreement: AgreementResource
    invalid: int
    unlabelled: int
    unsettled: int
    not_run: int
    planned: int
    counted: int
    raters: list[str]

    @classmethod
    def of(cls, view: dict[str, Any]) -> "ReportResource":
        excluded, failures = view["exclusions"], view["failures"]
        return cls(
            evaluation=EvaluationResource.of(view["row"]),
            letters=[LetterResource.of(each) for each in view["letters"]],
            verdicts=[VerdictResource.of(each) for each in view["verdicts"]],
            regions=[
                RegionRates(region=region.name, rates=[RateResource.of(rate) for rate in rates])
                for region, rates in view["regions"]
            ],
            failure_modes=[FailureModeResource.of(each) for each in failures.modes],
            failures=list(failures.total),
            failures_with_milestones=failures.with_milestones,
            rubric=RubricResource.of(view["rubric"]),
            agreement=AgreementResource.model_validate(view["agreement"], from_attributes=True),
            invalid=excluded.invalid,
            unlabelled=excluded.unlabelled,
            unsettled=excluded.unsettled,
            not_run=excluded.not_run,
            planned=view["planned"],
            counted=view["counted"],
            raters=list(view["raters"]),
        )


def _finite(value: float) -> float | None:
    """JSON knows no other numbers: what is not finite comes of no trial, or of evidence beyond all."""
    return value if isfinite(value) else None
