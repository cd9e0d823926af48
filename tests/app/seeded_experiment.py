"""An experiment as the studio leaves it behind, made in a moment: for tests and screenshots of the pages."""

from dataclasses import asdict
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.accounts.service import SIMULATED_OPERATOR, ensure_user
from app.cells.models import Cell
from app.experiments.models import Experiment, Region
from hndp_core.data.artefact_store import ArtefactStore
from hndp_core.hierarchy import RefinementConfig
from hndp_core.tasks import get_task

from .seeded_story import Clock, Story

BEGIN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


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
    story = Story(session, artefacts, experiment, user, author, Clock(begin))
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
