"""What may happen to an experiment, and when. The caller commits."""

from dataclasses import asdict

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.cells.models import Cell
from app.demonstrations.repository import DemonstrationRepository
from app.experiments.models import Experiment, Region
from app.experiments.repository import ExperimentRepository
from app.experiments.schemas import InvalidForm, NewExperiment
from app.platform.durable import Jobs
from app.platform.errors import Conflict
from app.platform.model import now


def cells_on_offer(session: Session, own_cell: str) -> list[Cell]:
    """The cells that are known; before the first one has started, the one that this studio starts.

    The cell's process takes up the row of its name when it starts.
    """
    return [*ExperimentRepository(session).cells()] or [Cell(name=own_cell, robot="simulated")]


def create_experiment(session: Session, user: User, plan: NewExperiment, own_cell: str) -> Experiment:
    """Store a plan as a draft. `own_cell` is the name of the cell that this studio starts.

    Raises:
        InvalidForm: the name is taken, the cell does not exist, or physics is to judge a real arm.
    """
    experiments = ExperimentRepository(session)
    if (same := experiments.named(plan.name)) is not None:
        where = "already" if same.binned_at is None else "in the bin"
        raise InvalidForm({"name": f"There is an experiment {plan.name!r} {where}. Choose another name."})
    cells = {cell.name: cell for cell in cells_on_offer(session, own_cell)}
    if plan.cell not in cells:
        raise InvalidForm({"cell": f"There is no cell {plan.cell!r}. Available: {', '.join(cells)}."})
    if plan.operator == "simulated" and not cells[plan.cell].is_simulated:
        raise InvalidForm({"operator": f"The arm of cell {plan.cell!r} is real: only people can judge it."})
    experiment = Experiment(
        name=plan.name,
        task=plan.task.key,
        method=plan.config.method,
        operator=plan.operator,
        seed=plan.seed,
        iterations=plan.config.iterations,
        trials_per_region=plan.config.trials_per_region,
        second_rater_share=plan.second_rater_share,
        layout_seed=plan.layout_seed,
        settings=asdict(plan.config),
        checks_scenes=plan.checks_scenes,
        cell=cells[plan.cell],
        created_by_id=user.id,
        regions=[
            Region(
                index=each.index,
                name=each.name,
                split=each.split,
                x_m=each.x_m,
                y_m=each.y_m,
                subject=each.subject,
            )
            for each in plan.regions
        ],
    )
    experiments.add(experiment)
    return experiment


def missing_demonstrations(session: Session, experiment: Experiment) -> list[str]:
    """Names of the train regions without an accepted demonstration."""
    accepted = DemonstrationRepository(session).accepted_region_ids(experiment.id)
    return [each.name for each in experiment.regions if each.split == "train" and each.id not in accepted]


def start(session: Session, jobs: Jobs, experiment_id: int) -> Experiment:
    """Start the refinement.

    Raises:
        Conflict: it has been started before, or demonstrations are missing.
    """
    experiment = ExperimentRepository(session).locked(experiment_id)
    if experiment.status != "draft":
        raise Conflict(f"{experiment.name} was started before: it is {experiment.status}.")
    missing = missing_demonstrations(session, experiment)
    if missing:
        raise Conflict(
            f"{_listed(missing)} still {'needs' if len(missing) == 1 else 'need'} an accepted demonstration. "
            "Record and accept them, then start."
        )
    experiment.status, experiment.started_at = "running", now()
    session.flush()
    jobs.start_refinement(session, experiment.id)
    return experiment


def pause(session: Session, jobs: Jobs, experiment_id: int) -> Experiment:
    """Hold after the present training step or rollout; what is done is kept."""
    return _change_status(session, jobs, experiment_id, ("running",), "paused")


def resume(session: Session, jobs: Jobs, experiment_id: int) -> Experiment:
    """Go on after a pause."""
    return _change_status(session, jobs, experiment_id, ("paused",), "running")


def cancel(session: Session, jobs: Jobs, experiment_id: int) -> Experiment:
    """End for good; what was recorded and trained stays."""
    experiment = _change_status(session, jobs, experiment_id, ("running", "paused", "failed"), "cancelled")
    experiment.finished_at = now()
    return experiment


def retry_step(session: Session, jobs: Jobs, experiment_id: int, step_id: int) -> Experiment:
    """Run a failed step again.

    Raises:
        Conflict: the step has not failed, or the experiment was cancelled.
    """
    experiments = ExperimentRepository(session)
    experiment = experiments.locked(experiment_id)
    step = experiments.step(experiment_id, step_id)
    if step.status != "failed" or experiment.status == "cancelled":
        raise Conflict(
            f"Only a failed step can be tried again; this one is {step.status}. "
            "Reload to see where it stands."
        )
    jobs.retry_step(session, experiment.id, step.id, step.attempt)
    return experiment


def _change_status(
    session: Session, jobs: Jobs, experiment_id: int, before: tuple[str, ...], after: str
) -> Experiment:
    experiment = ExperimentRepository(session).locked(experiment_id)
    if experiment.status == after:
        return experiment  # asked twice
    if experiment.status not in before:
        raise Conflict(
            f"{experiment.name} is {experiment.status}, so it cannot become {after}. "
            "Reload to see where it stands."
        )
    experiment.status = after
    session.flush()
    jobs.status_changed(session, experiment.id)
    return experiment


def _listed(names: list[str], most: int = 6) -> str:
    shown = ", ".join(names[:most])
    rest = len(names) - most
    plural = "Regions" if len(names) > 1 else "Region"
    return f"{plural} {shown}{f' and {rest} more' if rest > 0 else ''}"
