"""What happens to a seeded experiment, event by event."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.demonstrations.models import Demonstration
from app.experiments.models import Experiment, Region
from app.training.label_snapshot import label_hash
from app.training.models import Gate, Iteration, Policy, Step
from app.training.step_life import open_iteration
from app.trials.models import LabelEvent, Trial
from app.trials.planning import plan_again, plan_trials
from hndp_core.data.artefact_store import ArtefactStore
from hndp_core.hierarchy import gates_from_labels
from hndp_core.seeding import seed_for

from .seeded_records import record_file, write_record

_SECONDS = {"pretraining": 42, "local_training": 9, "global_training": 31}
_TRIAL_S, _LABEL_S = 9, 6
_ROLLOUTS = ("local_rollouts", "gate_rollouts", "held_out_rollouts")
_TRAINED = {"pretraining": "encoder", "local_training": "local", "global_training": "global"}


@dataclass
class Clock:
    """The time of the told story; every event moves it on."""

    at: datetime

    def after(self, seconds: float) -> datetime:
        self.at += timedelta(seconds=seconds)
        return self.at


class Story:
    """Of one experiment; each event moves the clock on."""

    def __init__(
        self,
        session: Session,
        artefacts: ArtefactStore,
        experiment: Experiment,
        user: User,
        author: User,
        clock: Clock,
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
