"""What may happen to a whole experiment that nobody wants any more. The caller commits."""

from typing import Final

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.audit.service import audit
from app.bin.erasing import Remains, erase
from app.demonstrations.repository import DemonstrationRepository
from app.experiments.models import Experiment
from app.experiments.repository import ExperimentRepository
from app.platform.errors import Conflict
from app.platform.model import now

AT_REST: Final = ("draft", "finished", "cancelled")


def throw_away(session: Session, user: User, experiment_id: int) -> Experiment:
    """Put an experiment into the bin, where no page but the bin shows it; twice asked, once done.

    Raises:
        NotFound: no such experiment.
        Conflict: it is under way, or a demonstration of it is just being recorded.
    """
    experiment = ExperimentRepository(session).locked_even_binned(experiment_id)
    if experiment.binned_at is not None:
        return experiment
    if experiment.status not in AT_REST:
        raise Conflict(f"{experiment.name} is {experiment.status}: cancel it, then throw it away.")
    demonstrations = DemonstrationRepository(session).of_experiment(experiment_id)
    if any(each.status in ("queued", "recording") for each in demonstrations):
        raise Conflict("Demonstrations are being recorded. Wait for them, then throw the experiment away.")
    experiment.binned_at = now()
    audit(session, user, "binned", _named(experiment))
    session.flush()
    return experiment


def bring_back(session: Session, user: User, experiment_id: int) -> Experiment:
    """Take an experiment out of the bin, as it was.

    Raises:
        NotFound: no such experiment.
    """
    experiment = ExperimentRepository(session).locked_even_binned(experiment_id)
    if experiment.binned_at is not None:
        experiment.binned_at = None
        audit(session, user, "restored", _named(experiment))
        session.flush()
    return experiment


def delete_for_good(session: Session, user: User, experiment_id: int) -> Remains:
    """Delete an experiment out of the bin, with all its rows.

    Raises:
        NotFound: no such experiment.
        Conflict: it is not in the bin, or something that stays rests on it.
    """
    experiment = ExperimentRepository(session).locked_even_binned(experiment_id)
    if experiment.binned_at is None:
        raise Conflict(f"{experiment.name} is not in the bin: throw it away first.")
    audit(session, user, "deleted", _named(experiment))
    session.flush()
    session.expunge_all()
    return erase(session, "experiments", [experiment_id])


def _named(experiment: Experiment) -> str:
    return f"experiment {experiment.id}: {experiment.name}"
