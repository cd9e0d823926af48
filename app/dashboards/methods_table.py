"""Methods by task, as in H-NDP Table I: held-out trials of the last iteration of finished experiments."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Literal

from pydantic import BaseModel

from app.dashboards.overview_repository import FinalTrial, OverviewRepository
from app.dashboards.schemas import Rate
from app.dashboards.success_figure import rate_of
from app.dashboards.view import View
from app.experiments.titles import method_title, task_title
from hndp_core.evaluation.significance import barnard, holm, mcnemar
from hndp_core.evaluation.success_rate import SuccessRate
from hndp_core.hierarchy.methods import METHODS

_Conditions = tuple[int, int, float, float, str, int]
"""Layout seed, seed, place of the region, what it is about, repeat: two trials that share them are a pair."""


class AgainstBase(BaseModel):
    """A method against the chosen one on the same task and kind of arm.

    McNemar's exact test where trials of the two were run under the same conditions, else Barnard's.
    """

    test: Literal["McNemar", "Barnard"]
    pairs: int
    this_only: int
    base_only: int
    p: float
    adjusted_p: float
    """By Holm, for all methods that are compared in this column."""


class MethodCell(BaseModel):
    """One method on one task."""

    rate: Rate
    experiments: int
    unlabelled: int
    against: AgainstBase | None


class MethodColumn(BaseModel):
    """A task at one level, on one kind of arm."""

    task: str
    simulated: bool


class MethodRow(BaseModel):
    method: str
    title: str
    is_base: bool
    cells: list[MethodCell | None]
    """By column; None where the method has no finished experiment."""


class MethodsTable(BaseModel):
    columns: list[MethodColumn]
    rows: list[MethodRow]
    base: str | None
    """Title of the method that the others are tested against."""


@dataclass
class _Trials:
    """The trials of one method on one task."""

    successes: int = 0
    failures: int = 0
    unlabelled: int = 0
    experiments: set[int] = field(default_factory=set)
    outcomes: dict[_Conditions, list[bool]] = field(default_factory=lambda: defaultdict(list))

    def add(self, trial: FinalTrial) -> None:
        self.experiments.add(trial.experiment_id)
        if trial.state == "unlabelled":
            self.unlabelled += 1
        if trial.state not in ("success", "failure"):
            return
        success = trial.state == "success"
        self.successes += success
        self.failures += not success
        place = round(trial.x_m, 6), round(trial.y_m, 6), trial.subject
        self.outcomes[trial.layout_seed, trial.seed, *place, trial.repeat].append(success)


_Place = tuple[str, bool]
"""Task and kind of arm."""


def methods_table(
    repository: OverviewRepository, view: View, present: datetime, *, tested: bool
) -> MethodsTable:
    """Count the finished experiments of a view.

    Args:
        repository: queries
        view: which experiments; its `against` chooses the row that the others are compared with
        present: from when the view looks back
        tested: whether to make the tests, which may take some seconds
    """
    found: dict[_Place, dict[str, _Trials]] = defaultdict(lambda: defaultdict(_Trials))
    for trial in repository.final_trials(view, view.since(present)):
        found[trial.task, trial.simulated][trial.method].add(trial)
    places = sorted(found)
    methods = [name for name in METHODS if any(name in by_method for by_method in found.values())]
    base = view.against if view.against in methods else None
    tests = {place: _tests(found[place], base) if tested and base else {} for place in places}
    return MethodsTable(
        columns=[MethodColumn(task=task_title(task), simulated=simulated) for task, simulated in places],
        rows=[
            MethodRow(
                method=name,
                title=method_title(name),
                is_base=name == base,
                cells=[_cell(found[place].get(name), tests[place].get(name)) for place in places],
            )
            for name in methods
        ],
        base=method_title(base) if base else None,
    )


def _cell(trials: _Trials | None, against: AgainstBase | None) -> MethodCell | None:
    if trials is None:
        return None
    return MethodCell(
        rate=rate_of(trials.successes, trials.failures),
        experiments=len(trials.experiments),
        unlabelled=trials.unlabelled,
        against=against,
    )


def _tests(by_method: dict[str, _Trials], base: str) -> dict[str, AgainstBase]:
    """Every method of one column against the base, with Holm's correction."""
    if base not in by_method:
        return {}
    names = [
        name for name in by_method if name != base and by_method[name].successes + by_method[name].failures
    ]
    made = [_test(by_method[name], by_method[base]) for name in names]
    adjusted = holm([each.p for each in made])
    return {
        name: each.model_copy(update={"adjusted_p": p})
        for name, each, p in zip(names, made, adjusted, strict=True)
    }


def _test(this: _Trials, base: _Trials) -> AgainstBase:
    pairs = _pairs(this, base)
    this_only = sum(one and not other for one, other in pairs)
    base_only = sum(other and not one for one, other in pairs)
    if pairs:
        p = mcnemar(this_only, base_only)
    else:
        p = _barnard(this.successes, this.failures, base.successes, base.failures)
    return AgainstBase(
        test="McNemar" if pairs else "Barnard",
        pairs=len(pairs),
        this_only=this_only,
        base_only=base_only,
        p=p,
        adjusted_p=p,
    )


def _pairs(this: _Trials, base: _Trials) -> Sequence[tuple[bool, bool]]:
    """Outcomes under the same conditions; where an experiment was repeated, nobody can say which is whose."""
    return [
        (outcomes[0], base.outcomes[conditions][0])
        for conditions, outcomes in this.outcomes.items()
        if len(outcomes) == 1 and len(base.outcomes.get(conditions, ())) == 1
    ]


@lru_cache(maxsize=4096)
def _barnard(successes: int, failures: int, base_successes: int, base_failures: int) -> float:
    """The test's p depends on these four numbers alone, and takes a tenth of a second."""
    return barnard(
        SuccessRate(successes, successes + failures),
        SuccessRate(base_successes, base_successes + base_failures),
    )
