"""What the pages of an experiment have in common: its head, with the tabs and who is simulated."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.cells.models import Cell
from app.experiments.models import Experiment
from app.experiments.repository import ExperimentRepository
from app.trials.repository import TrialRepository


@dataclass(frozen=True)
class ExperimentHead:
    """The head of every page of one experiment; `waiting` counts trials that wait for a label."""

    id: int
    name: str
    status: str
    task: str
    method: str
    operator: str
    cell: Cell
    seed: int
    waiting: int


def experiment_head(session: Session, experiment_id: int) -> tuple[Experiment, ExperimentHead]:
    """Return an experiment and its head.

    Raises:
        NotFound: no such experiment.
    """
    experiment = ExperimentRepository(session).get(experiment_id)
    return experiment, ExperimentHead(
        id=experiment.id,
        name=experiment.name,
        status=experiment.status,
        task=experiment.task_title,
        method=experiment.method_title,
        operator=experiment.operator,
        cell=experiment.cell,
        seed=experiment.seed,
        waiting=sum(TrialRepository(session).waiting_counts(experiment_id).values()),
    )
