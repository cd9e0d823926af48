"""Iterations, their steps and gates as programs get them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from app.training.gate_page import GatePage, GateView
from app.training.models import Iteration, Step
from app.training.time_line import Present
from app.trials.agreement import Agreement
from app.trials.resources import AgreementResource


class StepResource(BaseModel):
    """One step of an iteration; `done` of `total` in units that depend on its kind."""

    id: int
    kind: str
    status: Literal["pending", "running", "waiting", "done", "failed", "cancelled"]
    attempt: int
    done: int
    total: int
    error: str | None
    started_at: datetime | None
    finished_at: datetime | None

    @classmethod
    def of(cls, row: Step) -> "StepResource":
        return cls.model_validate(row, from_attributes=True)


class IterationResource(BaseModel):
    """One turn of Algorithm 1 (H-NDP) that was begun."""

    number: int
    created_at: datetime
    finished_at: datetime | None
    steps: list[StepResource]

    @classmethod
    def of(cls, row: Iteration) -> "IterationResource":
        return cls(
            number=row.number,
            created_at=row.created_at,
            finished_at=row.finished_at,
            steps=[StepResource.of(each) for each in row.steps],
        )


class PresentResource(BaseModel):
    """What happens in an experiment now: `act` says who has to do what, `step` is the kind of step under way
    in `iteration`, `left_s` a forecast of the machines' time [s] for all that is to come, without labelling.
    `missing` are the train regions of a draft without an accepted demonstration.
    """

    act: str
    iteration: int | None
    step: str | None
    left_s: float | None
    missing: list[str]

    @classmethod
    def of(cls, view: Present, missing: Sequence[str]) -> "PresentResource":
        return cls(
            act=view.act,
            iteration=view.iteration,
            step=None if view.step is None else view.step.kind,
            left_s=view.left_s,
            missing=list(missing),
        )


class LossCurve(BaseModel):
    """Losses of one training step: each point says after how many steps (`at`), and each loss by its name."""

    kind: str
    title: str
    points: list[dict[str, float]]


class LossCurves(BaseModel):
    """Loss curves of one iteration, thinned."""

    iteration: int
    steps: list[LossCurve]


class GateResource(BaseModel):
    """alpha_i of one region, and the label events that it came from; `outdated`: they were corrected."""

    region: str
    value: Literal[0, 1]
    set_at: datetime
    label_hash: str
    outdated: bool
    label_events: list[int]
    later_events: list[int]

    @classmethod
    def of(cls, view: GateView) -> "GateResource":
        return cls(
            region=view.region,
            value=1 if view.value else 0,
            set_at=view.set_at,
            label_hash=view.hash,
            outdated=view.outdated,
            label_events=[each.id for each in view.events],
            later_events=[each.id for each in view.later],
        )


class IterationGatesResource(BaseModel):
    """The gates that an iteration ended with; `stale`: it was trained with gates that are outdated now."""

    iteration: int
    stale: bool
    gates: list[GateResource]


class GatesResource(BaseModel):
    """All gates of an experiment. `rerun_from` is the iteration from which corrected labels ask to run it
    again; `reruns` and `origin` are experiments.
    """

    iterations: list[IterationGatesResource]
    rerun_from: int | None
    origin: int | None
    reruns: list[int]
    agreement: AgreementResource

    @classmethod
    def of(cls, page: GatePage, agreement: Agreement) -> "GatesResource":
        return cls(
            iterations=[
                IterationGatesResource(
                    iteration=each.number,
                    stale=each.stale,
                    gates=[GateResource.of(gate) for gate in each.gates],
                )
                for each in page.iterations
            ],
            rerun_from=page.rerun_from,
            origin=None if page.origin is None else page.origin.origin_id,
            reruns=[each.experiment_id for each in page.reruns],
            agreement=AgreementResource.model_validate(agreement, from_attributes=True),
        )
