"""What waits for whom, and how the machines are: all that the home page shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from app.cells.models import Cell
from app.cells.motion_words import WAITS
from app.evaluations.models import EvaluationSession
from app.evaluations.repository import EvaluationRepository
from app.experiments.models import Experiment
from app.experiments.repository import ExperimentRepository
from app.home.repository import HomeRepository
from app.platform.heartbeat import DEAD_AFTER_S
from app.training.models import TRAININGS
from app.training.time_line import TITLES
from app.trials.repository import TrialRepository

NEWEST: Final = 5
LABELS_APART: Final = 3
"""So many experiments whose labels hold nothing up stand one by one; more of them are one line."""


@dataclass(frozen=True)
class Need:
    """Something that goes on only when a person acts; `urgent` where it holds up a running experiment.

    `unhurried` are trials that wait for labels which hold up nothing, not even the end of their experiment.
    """

    subject: Experiment | EvaluationSession
    what: str
    why: str
    act: str
    href: str
    urgent: bool = False
    unhurried: int = 0

    @property
    def page(self) -> str:
        """Of what it is about."""
        kind = "evaluations" if isinstance(self.subject, EvaluationSession) else "experiments"
        return f"/{kind}/{self.subject.id}"


@dataclass(frozen=True)
class Machine:
    """A cell, or all training workers together."""

    name: str
    status: str
    detail: str
    simulated: bool = False
    href: str | None = None


@dataclass(frozen=True)
class Home:
    needs: tuple[Need, ...]
    machines: tuple[Machine, ...]
    experiments: Sequence[Experiment]
    """The newest ones; `more` says that there are others."""
    more: bool
    begun: dict[int, int]

    @property
    def joined(self) -> str | None:
        """What waits for labels that hold nothing up, in one line, where many experiments have some."""
        unhurried = [need.unhurried for need in self.needs if need.unhurried]
        if len(unhurried) <= LABELS_APART:
            return None
        return f"{sum(unhurried)} trials of {len(unhurried)} experiments wait for a label"

    @property
    def apart(self) -> tuple[Need, ...]:
        """What stands in a line of its own."""
        return tuple(need for need in self.needs if not (self.joined and need.unhurried))


def look_around(session: Session, own_cell: str, present: datetime) -> Home:
    """Everything that the home page shows; `own_cell` is the name of the cell that this studio starts."""
    experiments = ExperimentRepository(session)
    rows = experiments.newest_first()
    home = HomeRepository(session)
    needs = [
        *_failures(home, rows),
        *_arms(home, rows),
        *_labels(home, rows, TrialRepository(session).waiting_by_experiment()),
        *_drafts(home, rows),
        *_pauses(rows),
        *_evaluations(EvaluationRepository(session)),
    ]
    return Home(
        needs=tuple(sorted(needs, key=lambda need: not need.urgent)),
        machines=_machines(home, experiments.cells(), own_cell, present),
        experiments=rows[:NEWEST],
        more=len(rows) > NEWEST,
        begun=experiments.begun_iterations(),
    )


def _failures(home: HomeRepository, rows: Sequence[Experiment]) -> list[Need]:
    failed = home.failed_steps()
    needs = []
    for each in rows:
        if each.status == "failed":
            step = failed.get(each.id)
            what = f"{TITLES[step.kind]} failed" if step is not None else "The refinement broke off"
            why = (step.error if step is not None else None) or "Its page shows how far it came."
            needs.append(Need(each, what, why, "See why", f"/experiments/{each.id}", urgent=True))
    return needs


def _arms(home: HomeRepository, rows: Sequence[Experiment]) -> list[Need]:
    at_an_arm = home.experiments_at_an_arm()
    return [
        Need(
            each,
            f"Cell {each.cell.name} {WAITS[each.cell.motion]}",
            each.cell.motion_note,
            "Set the scene" if each.cell.motion == "scene" else "Open the cell",
            f"/cells/{each.cell_id}/watch",
            urgent=each.status == "running",
        )
        for each in rows
        if each.id in at_an_arm and each.cell.motion in WAITS
    ]


def _labels(home: HomeRepository, rows: Sequence[Experiment], waiting: Mapping[int, int]) -> list[Need]:
    held_up = home.held_up_by_labels()
    needs = []
    for each in rows:
        count = waiting.get(each.id, 0)
        if not count or each.status == "cancelled":
            continue
        urgent = each.status == "running" and each.id in held_up
        if urgent and held_up[each.id] < each.iterations:
            why = "The next iteration waits for its gates."
        elif each.id in held_up:
            why = "The experiment is finished when all are judged."
        else:
            why = "They hold nothing up, but count once judged."
        what = _many(count, "trial waits", "trials wait") + " for a label"
        unhurried = 0 if each.id in held_up else count
        needs.append(Need(each, what, why, "Label", f"/experiments/{each.id}/label", urgent, unhurried))
    return needs


def _drafts(home: HomeRepository, rows: Sequence[Experiment]) -> list[Need]:
    train, owed = home.train_regions(), home.regions_without_demonstration()
    to_accept, accepted = home.regions_to_accept(), home.regions_accepted()
    to_keep = home.motions_to_keep()
    needs = []
    for each in rows:
        if each.status != "draft":
            continue
        page = f"/experiments/{each.id}"
        if count := owed.get(each.id, 0):
            what = _many(count, "train region has", "train regions have") + " no demonstration"
            why = "The refinement starts from one demonstration in each."
            needs.append(Need(each, what, why, "Record", f"{page}/demonstrations"))
        if count := to_keep.get(each.id, 0):
            what = _many(count, "motion waits", "motions wait") + " to be taken over into a region"
            why = "It was guided by hand, or imported: look at it, then keep it or throw it away."
            needs.append(Need(each, what, why, "Look", f"{page}/demonstrations"))
        if count := to_accept.get(each.id, 0):
            what = _many(count, "demonstration waits", "demonstrations wait") + " to be accepted"
            needs.append(
                Need(each, what, "Look at each, then accept or redo it.", "Look", f"{page}/demonstrations")
            )
        if accepted.get(each.id, 0) == train.get(each.id, 0):
            needs.append(
                Need(each, "Ready to start", "Every train region has its demonstration.", "Open", page)
            )
    return needs


def _pauses(rows: Sequence[Experiment]) -> list[Need]:
    return [
        Need(each, "Paused", "What was done is kept.", "Open", f"/experiments/{each.id}")
        for each in rows
        if each.status == "paused"
    ]


def _evaluations(evaluations: EvaluationRepository) -> list[Need]:
    waiting = evaluations.unjudged_counts()
    needs = []
    for each in evaluations.newest_first():
        page = f"/evaluations/{each.id}"
        if each.status == "paused" and each.fault:
            needs.append(Need(each, "The session paused by itself", each.fault, "Open", page))
        if count := waiting.get(each.id, 0):
            what = _many(count, "trial waits", "trials wait") + " for a blind label"
            why = "Nobody is told whose policy they tried."
            needs.append(Need(each, what, why, "Label", f"{page}/label"))
    return needs


def _machines(
    home: HomeRepository, cells: Sequence[Cell], own_cell: str, present: datetime
) -> tuple[Machine, ...]:
    alive = home.processes_since(present - timedelta(seconds=DEAD_AFTER_S))
    names = {process.id for process in alive}
    shown = [
        replace(_cell(home, cell, f"cell-{cell.name}" in names), href=f"/cells/{cell.id}") for cell in cells
    ]
    if not cells:
        shown = [Machine(f"Cell {own_cell}", "down", "Not registered yet: it does so when it starts.", True)]
    return (*shown, _workers(home, sum(process.kind == "worker" for process in alive)))


def _cell(home: HomeRepository, cell: Cell, alive: bool) -> Machine:
    name = f"Cell {cell.name}"
    if cell.fault or not alive:
        remedy = cell.fault or "Its process does not run: start it with hndp cell, or hndp serve."
        return Machine(name, "down", remedy, cell.is_simulated)
    if cell.motion in WAITS:
        return Machine(name, cell.motion, cell.motion_note, cell.is_simulated)
    demonstration = home.demonstration_on(cell.id)
    if demonstration is not None:
        doing = f"Records a demonstration in {demonstration.region.name}."
        return Machine(name, "busy", doing, cell.is_simulated)
    trial = home.trial_on(cell.id)
    if trial is not None:
        return Machine(name, "busy", f"Runs a trial in {trial.region.name}.", cell.is_simulated)
    return Machine(name, "free", "Ready for recordings and trials.", cell.is_simulated)


def _workers(home: HomeRepository, count: int) -> Machine:
    if not count:
        return Machine("Training", "down", "No worker runs: start one with hndp worker, or hndp serve.")
    step = home.training_under_way(TRAININGS)
    if step is None:
        return Machine("Training", "free", _many(count, "worker runs.", "workers run."))
    iteration = step.iteration
    where = f"iteration {iteration.number} of {iteration.experiment.name}"
    return Machine("Training", "busy", f"{TITLES[step.kind]}, {where}.")


def _many(count: int, one: str, more: str) -> str:
    return f"{count} {one if count == 1 else more}"
