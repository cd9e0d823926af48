"""An experiment as the studio leaves it behind, made in a moment: for tests and screenshots of the pages."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.accounts.service import SIMULATED_OPERATOR, ensure_user
from app.cells.models import Cell
from app.demonstrations.models import Demonstration
from app.experiments.models import Experiment, Region
from app.training.label_snapshot import label_hash
from app.training.models import Gate, Iteration, Policy, Step
from app.training.step_life import open_iteration
from app.trials.models import LabelEvent, Trial
from app.trials.planning import plan_again, plan_trials
from hndp_core.data.artefact_store import ArtefactStore
from hndp_core.hierarchy import RefinementConfig, gates_from_labels
from hndp_core.seeding import seed_for
from hndp_core.tasks import get_task

from .seeded_records import record_file, write_record

BEGIN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
_SECONDS = {"pretraining": 42, "local_training": 9, "global_training": 31}
_TRIAL_S, _LABEL_S = 9, 6
_ROLLOUTS = ("local_rollouts", "gate_rollouts", "held_out_rollouts")
_TRAINED = {"pretraining": "encoder", "local_training": "local", "global_training": "global"}


@dataclass
class _Clock:
    """The time of the told story; every event moves it on."""

    at: datetime

    def after(self, seconds: float) -> datetime:
        self.at += timedelta(seconds=seconds)
        return self.at


def seed_experiment(
    session: Session,
    artefacts: ArtefactStore,
    user: User,
    *,
    iterations_done: int = 5,
    waiting_labels: int = 0,
    waiting_held_out: int = 0,
    planned_iterations: int = 5,
    demonstrated: int | None = None,
    trials_per_region: int = 1,
    train: int = 18,
    held_out: int = 10,
    operator: str = "human",
    name: str = "Scooping, first try",
    seed: int = 0,
    begin: datetime = BEGIN,
) -> Experiment:
    """Add an experiment with all its rows and files; the same arguments give the same ones.

    Args:
        session: a writing transaction; the caller commits
        artefacts: a store in a local folder
        user: who made the experiment, recorded and labelled
        iterations_done: iterations whose rollouts are done. Where more are planned and no label is owed,
            the next one is in its local training. 0 leaves a draft.
        waiting_labels: gate trials of the last of these that wait for a label: it then has no gates yet
        waiting_held_out: held-out trials of the last of these that wait for a label
        planned_iterations: as the experiment says
        demonstrated: regions with an accepted demonstration; None: all. Of a draft alone.
        trials_per_region: gate trials in a region and iteration
        train: number of train regions
        held_out: number of held-out regions
        operator: "human", or "simulated" for labels by the simulated operator
        name: of the experiment, unique
        seed: of everything random
        begin: when the experiment was made

    Among the trials are a few that were first labelled invalid and run again, labels that were withdrawn
    and given anew, one plan that the safety check refused, and, from two iterations on, one label of
    iteration 1 corrected after its gate was set.
    """
    config = RefinementConfig(iterations=planned_iterations, trials_per_region=trials_per_region)
    experiment = Experiment(
        name=name,
        task=get_task("scooping@clean").key,
        method="hndp",
        operator=operator,
        seed=seed,
        iterations=planned_iterations,
        trials_per_region=trials_per_region,
        layout_seed=0,
        settings=asdict(config),
        cell_id=_cell(session).id,
        created_by_id=user.id,
        created_at=begin,
    )
    experiment.regions = [
        Region(index=each.index, name=each.name, split=each.split, x_m=each.x_m, y_m=each.y_m)
        for each in get_task("scooping@clean").layout(train, held_out)
    ]
    session.add(experiment)
    session.flush()
    author = user if operator == "human" else ensure_user(session, SIMULATED_OPERATOR, "simulated")
    story = _Story(session, artefacts, experiment, user, author, _Clock(begin))
    story.demonstrate(train if demonstrated is None else demonstrated)
    if iterations_done:
        experiment.status, experiment.started_at = "running", story.clock.after(60)
    for number in range(1, iterations_done + 1):
        last = number == iterations_done
        story.iterate(number, waiting_labels if last else 0, waiting_held_out if last else 0)
    if iterations_done == planned_iterations and not waiting_labels:
        experiment.status, experiment.finished_at = "finished", story.clock.at
    elif iterations_done and not waiting_labels:
        story.begin_training(iterations_done + 1)
    if iterations_done >= 2:
        story.correct_after_gate()
    session.flush()
    return experiment


def _cell(session: Session) -> Cell:
    cell = session.scalar(select(Cell).where(Cell.name == "simulated"))
    if cell is None:
        cell = Cell(name="simulated", robot="simulated")
        session.add(cell)
        session.flush()
    return cell


class _Story:
    """What happens to one experiment, event by event."""

    def __init__(
        self,
        session: Session,
        artefacts: ArtefactStore,
        experiment: Experiment,
        user: User,
        author: User,
        clock: _Clock,
    ) -> None:
        self.session, self.artefacts, self.experiment = session, artefacts, experiment
        self.user, self.author, self.clock = user, author, clock
        self.generator = np.random.default_rng(seed_for(experiment.seed, "seeded experiment"))
        self.keys = 0

    def demonstrate(self, count: int) -> None:
        """Accepted demonstrations of the first train regions; the first is the redo of one in the bin."""
        train = [each for each in self.experiment.regions if each.split == "train"]
        if count:
            self._demonstration(train[0], 1, "binned")
        for region in train[:count]:
            self._demonstration(region, 2 if region is train[0] else 1, "accepted")

    def _demonstration(self, region: Region, take: int, status: str) -> None:
        row = Demonstration(
            region_id=region.id,
            take=take,
            source="teacher",
            created_by_id=self.user.id,
            created_at=self.clock.after(1),
        )
        self.session.add(row)
        self.session.flush()
        content, row.sha256 = record_file(region.x_m, region.y_m, 0.0, 0)
        folder = row.artefact_key = f"demonstrations/{row.id}"
        row.recorded_at = self.clock.after(_TRIAL_S)
        row.status = status
        if status == "binned":
            row.binned_from, row.binned_at = "recorded", self.clock.after(20)
            row.warning = "The task was not done at the end: look at it, and redo it rather than accept it."
        write_record(
            self.artefacts,
            folder,
            "trajectory",
            content,
            region.x_m,
            region.y_m,
            status == "accepted",
        )

    def iterate(self, number: int, waiting_labels: int, waiting_held_out: int) -> None:
        """One iteration, up to its gates or to the labels that it waits for."""
        iteration = self._open(number)
        for step in iteration.steps:
            step.status, step.started_at = "done", self.clock.at
            if step.kind in _ROLLOUTS:
                trials = plan_trials(self.session, step)
                step.done = step.total = len(trials)
                for trial_id in trials:
                    self._execute(self.session.get_one(Trial, trial_id))
            elif step.kind != "labelling":
                self._train(step)
            else:
                self._label(iteration, step, waiting_labels, waiting_held_out)
            step.finished_at = self.clock.at if step.status == "done" else None
        self.session.flush()

    def begin_training(self, number: int) -> None:
        """Open an iteration and leave it in the middle of its local training."""
        step = self._open(number).steps[0]
        step.status, step.started_at, step.total, step.done = "running", self.clock.after(1), 400, 220
        step.curve = _loss_curve(400, 220)

    def correct_after_gate(self) -> None:
        """Correct a label of iteration 1 whose gate is set: that gate is outdated from now on."""
        trial = self.session.scalars(
            select(Trial)
            .join(Iteration)
            .join(Region, Trial.region_id == Region.id)
            .where(
                Iteration.experiment_id == self.experiment.id,
                Iteration.number == 1,
                Trial.purpose == "gate",
                Region.index == 4,
            )
            .order_by(Trial.repeat, Trial.attempt.desc())
        ).first()
        if trial is not None:
            events = [each.outcome for each in self._events(trial)]
            self._event(trial, "withdrawn")
            self._event(trial, "failure" if events[-1] == "success" else "success")

    def _open(self, number: int) -> Iteration:
        open_iteration(self.session, self.experiment.id, number)
        iteration = self.session.scalars(
            select(Iteration).where(Iteration.experiment_id == self.experiment.id, Iteration.number == number)
        ).one()
        iteration.created_at = self.clock.at
        return iteration

    def _train(self, step: Step) -> None:
        total = {"pretraining": 600, "local_training": 400, "global_training": 500}[step.kind]
        step.total, step.done, step.curve = total, total, _loss_curve(total, total)
        step.log = f"{step.kind}: {total} steps\n"
        self.clock.after(_SECONDS[step.kind] + float(self.generator.uniform(0, 4)))
        number, kind = step.iteration.number, _TRAINED[step.kind]
        self.session.add(
            Policy(
                iteration_id=step.iteration_id,
                kind=kind,
                artefact_key=f"policies/{self.experiment.id}/{number}/{kind}.safetensors",
                sha256=f"{seed_for(self.experiment.seed, number, kind):064x}",
                created_at=self.clock.at,
            )
        )
        self.session.flush()

    def _execute(self, trial: Trial, refused: bool = False) -> None:
        region, number = trial.region, trial.iteration.number
        chance = 0.95 if trial.purpose == "local" else _chance(trial.purpose, number)
        refused = refused or (trial.purpose == "held_out" and number == 1 and region.index == 2)
        success = not refused and bool(self.generator.random() < chance)
        spread = 0.01 if trial.purpose == "local" else 0.16 * 0.6**number
        content, sha256 = record_file(
            region.x_m,
            region.y_m,
            spread,
            seed_for(number, trial.purpose, region.name, trial.repeat),
            refused,
        )
        trial.started_at, trial.executed_at = self.clock.at, self.clock.after(_TRIAL_S)
        folder = trial.artefact_key = f"trials/{trial.id}"
        trial.status, trial.sha256 = "executed", sha256
        trial.physics_success = success
        trial.arm_s = float(_TRIAL_S)
        if not refused:
            trial.squared_jerk = 6.0 + 90.0 * spread + 0.2 * region.index
            trial.velocity_share = 0.4 + spread + 0.01 * region.index
            trial.acceleration_share = 0.3 + 2 * spread + 0.01 * region.index
        if refused:
            trial.refusal = "Joint 6 at 3.42 s would move at 2.95 rad/s; its limit is 2.61 rad/s."
        write_record(self.artefacts, folder, "record", content, region.x_m, region.y_m, success)

    def _label(self, iteration: Iteration, step: Step, waiting_labels: int, waiting_held_out: int) -> None:
        gate, held_out = self._trials(iteration, "gate"), self._trials(iteration, "held_out")
        kept = len(gate) - waiting_labels
        labels = self._judge(gate[:kept]) if kept > 0 else {}
        self._judge(held_out[: len(held_out) - waiting_held_out])
        step.total, step.done = len(gate), max(kept, 0)
        if waiting_labels:
            step.status = "waiting"
            return
        gates = gates_from_labels(labels, self.experiment.trials_per_region)
        assert gates is not None
        self.session.flush()
        for region in self.experiment.regions:
            if region.split == "train":
                self.session.add(
                    Gate(
                        iteration_id=iteration.id,
                        region_id=region.id,
                        value=gates[region.index],
                        label_hash=label_hash(self.session, iteration.id, region.id),
                        created_at=self.clock.at,
                    )
                )
        iteration.finished_at = self.clock.at

    def _judge(self, trials: Sequence[Trial]) -> dict[int, list[str | None]]:
        """Label trials by their physics, with a slip of the finger and a slipped bowl now and then."""
        labels: dict[int, list[str | None]] = {}
        for place, trial in enumerate(trials):
            if place % 11 == 4 and self.experiment.operator == "human":
                self._event(trial, "invalid", note="bowl slipped")
                trial = self.session.get_one(Trial, plan_again(self.session, trial, trial.cell_id))
                self._execute(trial)
            outcome = "success" if trial.physics_success else "failure"
            if place % 13 == 7 and self.experiment.operator == "human":
                self._event(trial, "failure" if outcome == "success" else "success")
                self._event(trial, "withdrawn")
            self._event(trial, outcome)
            labels.setdefault(trial.region.index, []).append(outcome)
        return labels

    def _event(self, trial: Trial, outcome: str, note: str | None = None) -> None:
        self.keys += 1
        self.session.add(
            LabelEvent(
                trial_id=trial.id,
                author_id=self.author.id,
                outcome=outcome,
                score={"success": 1.0, "failure": trial.region.index % 4 / 4}.get(outcome),
                note=note,
                request_key=f"seeded/{self.experiment.id}/{self.keys}",
                created_at=self.clock.after(_LABEL_S + float(self.generator.uniform(-3, 3))),
            )
        )

    def _events(self, trial: Trial) -> Sequence[LabelEvent]:
        return self.session.scalars(
            select(LabelEvent).where(LabelEvent.trial_id == trial.id).order_by(LabelEvent.id)
        ).all()

    def _trials(self, iteration: Iteration, purpose: str) -> Sequence[Trial]:
        return self.session.scalars(
            select(Trial)
            .join(Region, Trial.region_id == Region.id)
            .where(Trial.iteration_id == iteration.id, Trial.purpose == purpose)
            .order_by(Region.index, Trial.repeat)
        ).all()


def _chance(purpose: str, iteration: int) -> float:
    """True success rate of the invented policy: it learns, and does worse where it was never shown."""
    return {"gate": 0.97 - 0.5 * 0.6**iteration, "held_out": 0.95 - 0.85 * 0.65**iteration}[purpose]


def _loss_curve(total: int, done: int) -> list[dict[str, float]]:
    places = range(max(1, total // 50), done + 1, max(1, total // 50))
    return [{"at": at, "loss": round(0.9 * 0.985 ** (at * 400 / total) + 0.01, 5)} for at in places]
