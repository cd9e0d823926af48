"""What may happen to a whole experiment that nobody wants any more. The caller commits."""

from typing import Final

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.bin.erasing import Remains, erase
from app.demonstrations.repository import DemonstrationRepository
from app.experiments.models import Experiment
from app.experiments.repository import ExperimentRepository
from app.platform.errors import Conflict, NotAllowed
from app.platform.model import now

AT_REST: Final = ("draft", "finished", "cancelled")
_MAY_DELETE: Final = ("researcher", "admin")


def throw_away(session: Session, experiment_id: int) -> Experiment:
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
    session.flush()
    return experiment


def bring_back(session: Session, experiment_id: int) -> Experiment:
    """Take an experiment out of the bin, as it was.

    Raises:
        NotFound: no such experiment.
    """
    experiment = ExperimentRepository(session).locked_even_binned(experiment_id)
    experiment.binned_at = None
    session.flush()
    return experiment


def delete_for_good(session: Session, user: User, experiment_id: int) -> Remains:
    """Delete an experiment out of the bin, with all its rows; whoever keeps an audit writes it here.

    Raises:
        NotAllowed: only researchers and admins may.
        NotFound: no such experiment.
        Conflict: it is not in the bin, or something that stays rests on it.
    """
    if user.role not in _MAY_DELETE:
        raise NotAllowed("Only researchers and admins delete for good. Ask one of them.")
    experiment = ExperimentRepository(session).locked_even_binned(experiment_id)
    if experiment.binned_at is None:
        raise Conflict(f"{experiment.name} is not in the bin: throw it away first.")
    session.expunge_all()
    return erase(session, "experiments", [experiment_id])
