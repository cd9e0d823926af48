"""A blind session whose first trials wait for labels, in a studio without a cell."""

from sqlalchemy import select

from app.evaluations.repository import EvaluationRepository
from app.evaluations.schemas import DEFAULTS, read_plan
from app.evaluations.service import create_session
from app.evaluations.turns import next_turn
from app.experiments.models import Experiment
from app.platform.model import now
from app.trials.models import Trial

from ..app.evaluations.evaluation_desk import NAMES, execute, truth_by_letter
from .conftest import Studio


def begun(studio: Studio, **plan: str) -> int:
    """A session of two seeded experiments, whose first block waits for labels; its id."""
    for seed, name in enumerate(NAMES):
        studio.seed(iterations_done=2, planned_iterations=2, train=3, held_out=2, name=name, seed=seed)
    with studio.database.transaction() as session:
        layout = session.scalars(select(Experiment).order_by(Experiment.id)).first()
        assert layout is not None
        policies = [str(each.id) for each in EvaluationRepository(session).policies(layout.task)]
        regions = [str(each.id) for each in layout.regions if each.split == "held_out"]
        form = {**DEFAULTS, "name": "Blind one", "layout": str(layout.id), "cell": "simulated", **plan}
        user = session.merge(studio.user)
        row = create_session(session, user, read_plan(form, policies[:2], regions))
        row.status, row.started_at = "running", now()
        session.flush()
        for trial_id in next_turn(session, row.id, 0.0)["trials"]:
            trial = session.get_one(Trial, trial_id)
            execute(session, studio.artefacts, trial, truth_by_letter(A=True, B=False))
        return row.id
