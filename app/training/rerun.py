"""Run an experiment again from an iteration whose labels were corrected. The caller commits.

Nothing is overwritten: a new experiment begins as a copy of the plan, the demonstrations and the iterations
up to that one, sets its gates from the corrected labels, and goes on from there. The old one stays as it is.
"""

from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.demonstrations.models import Demonstration
from app.experiments.models import Experiment, Region
from app.experiments.repository import ExperimentRepository
from app.experiments.service import cancel
from app.platform.durable import Jobs
from app.platform.errors import Conflict
from app.platform.model import Model, now
from app.training.gate_page import view_gates
from app.training.label_snapshot import label_hash
from app.training.models import Gate, Iteration, Policy, Rerun, Step
from app.trials.models import LabelEvent, Trial

Row = TypeVar("Row", bound=Model)

_LONGEST_NAME = 80
_ENDED = ("finished", "cancelled")


def run_again(session: Session, jobs: Jobs, author: User, experiment_id: int) -> Experiment:
    """Start a copy of the experiment from its first iteration with an outdated gate; return the copy.

    An experiment that still runs is cancelled: its later iterations stand on gates that no longer hold.

    Raises:
        NotFound: no such experiment.
        Conflict: no gate that an iteration depends on is outdated, or it was run again already.
    """
    origin = ExperimentRepository(session).locked(experiment_id)
    page = view_gates(session, origin)
    if page.rerun_from is None:
        raise Conflict(f"No gate of {origin.name} that an iteration depends on is outdated.")
    again = next((each for each in page.reruns if each.iteration == page.rerun_from), None)
    if again is not None:
        raise Conflict(
            f"It is run again from iteration {page.rerun_from} by {again.experiment.name}: open that."
        )
    if origin.status not in _ENDED:
        cancel(session, jobs, origin.id)
    copy = _Copy(session, origin, page.rerun_from, author)
    copy.make()
    jobs.start_refinement(session, copy.experiment.id)
    return copy.experiment


class _Copy:
    """The rows of an experiment up to an iteration, once more."""

    def __init__(self, session: Session, origin: Experiment, last: int, author: User) -> None:
        self._session = session
        self._origin = origin
        self._last = last
        self._author = author
        self._regions: dict[int, int] = {}
        self._policies: dict[int, int] = {}
        self._trials: dict[int, int] = {}
        self.experiment = _copied(
            origin,
            name=self._name(),
            status="running",
            created_by_id=author.id,
            created_at=now(),
            started_at=now(),
            finished_at=None,
        )

    def make(self) -> None:
        """Store everything; what the iteration's labels amount to is settled by the refinement."""
        self._add(self.experiment)
        for region in self._rows(Region, Region.experiment_id == self._origin.id):
            self._regions[region.id] = self._add(_copied(region, experiment_id=self.experiment.id))
        accepted = Demonstration.region_id.in_(self._regions), Demonstration.status == "accepted"
        for row in self._rows(Demonstration, *accepted):
            self._add(_copied(row, region_id=self._regions[row.region_id]))
        up_to = Iteration.experiment_id == self._origin.id, Iteration.number <= self._last
        for iteration in self._rows(Iteration, *up_to):
            self._iteration(iteration)
        self._session.add(
            Rerun(
                experiment_id=self.experiment.id,
                origin_id=self._origin.id,
                iteration=self._last,
                created_by_id=self._author.id,
            )
        )
        self._session.flush()

    def _iteration(self, old: Iteration) -> None:
        is_last = old.number == self._last
        changes: dict[str, Any] = {"finished_at": None} if is_last else {}
        new = self._add(_copied(old, experiment_id=self.experiment.id, **changes))
        for step in self._rows(Step, Step.iteration_id == old.id):
            unsettled = is_last and step.kind == "labelling"
            undone: dict[str, Any] = {"status": "pending", "finished_at": None} if unsettled else {}
            self._add(_copied(step, iteration_id=new, **undone))
        for policy in self._rows(Policy, Policy.iteration_id == old.id):
            self._policies[policy.id] = self._add(_copied(policy, iteration_id=new))
        for trial in self._rows(Trial, Trial.iteration_id == old.id, Trial.status == "executed"):
            self._trial(trial, new)
        if not is_last:
            for gate in self._rows(Gate, Gate.iteration_id == old.id):
                region = self._regions[gate.region_id]
                told = label_hash(self._session, new, region)
                self._add(_copied(gate, iteration_id=new, region_id=region, label_hash=told))

    def _trial(self, old: Trial, iteration_id: int) -> None:
        new = self._add(
            _copied(
                old,
                iteration_id=iteration_id,
                region_id=self._regions[old.region_id],
                policy_id=self._policies[old.policy_id],
            )
        )
        for event in self._rows(LabelEvent, LabelEvent.trial_id == old.id):
            self._add(_copied(event, trial_id=new, request_key=f"rerun/{self.experiment.id}/{event.id}"))

    def _rows(self, kind: type[Row], *conditions: Any) -> list[Row]:
        number: Any = kind.__mapper__.primary_key[0]
        return list(self._session.scalars(select(kind).where(*conditions).order_by(number)))

    def _add(self, row: Any) -> int:
        self._session.add(row)
        self._session.flush()
        return row.id

    def _name(self) -> str:
        ending = f", again from {self._last}"
        experiments = ExperimentRepository(self._session)
        name, count = f"{self._origin.name[: _LONGEST_NAME - len(ending)]}{ending}", 1
        while experiments.named(name) is not None:
            count += 1
            numbered = f"{ending} ({count})"
            name = f"{self._origin.name[: _LONGEST_NAME - len(numbered)]}{numbered}"
        return name


def _copied(row: Any, **changes: Any) -> Any:
    """A new row like another one, its own number left out."""
    columns = type(row).__mapper__.column_attrs
    values = {each.key: getattr(row, each.key) for each in columns if each.key != "id"}
    return type(row)(**{**values, **changes})
