"""A rerun is carried out by the ordinary refinement: what was copied is done, the rest is done anew."""

from sqlalchemy import func, select

from app.accounts.service import ensure_user
from app.experiments.models import Experiment
from app.training.models import Gate, Iteration, Step
from app.training.repository import gates_of, get_iteration, trials_of
from app.training.rerun import run_again
from app.trials.models import LabelEvent, Trial
from tests.app.training.quick_loop import has_status, start


def test_rerun_goes_on_from_the_corrected_gates_to_the_end(database, jobs, make_experiment, wait_for):
    origin = make_experiment(operator="simulated", iterations=2)
    start(database, jobs, origin)
    wait_for(has_status(origin, "finished"))
    with database.transaction() as session:
        author = ensure_user(session, "Rosa", "researcher")
        trial = trials_of(session, origin, "gate", up_to=1)[0]
        corrected = "failure" if trial.labels[-1].outcome == "success" else "success"
        session.add(
            LabelEvent(trial_id=trial.id, author=author, outcome=corrected, request_key="correction-1")
        )
        session.flush()
        again = run_again(session, jobs, author, origin).id
    wait_for(has_status(again, "finished"))
    with database.reading() as session:
        first, copied = get_iteration(session, origin, 1), get_iteration(session, again, 1)
        assert first is not None
        assert copied is not None
        before, after = gates_of(session, first.id), gates_of(session, copied.id)
        assert [region for region in after if after[region] != before[region]] == [trial.region.index]
        assert [each.artefact_key for each in trials_of(session, again, "gate", up_to=1)] == [
            each.artefact_key for each in trials_of(session, origin, "gate", up_to=1)
        ]
        of_again = select(Iteration.id).where(Iteration.experiment_id == again, Iteration.number == 2)
        second = session.scalars(of_again).one()
        ran = select(func.count(Trial.id)).where(Trial.iteration_id == second, Trial.status == "executed")
        assert session.scalars(ran).one() > 0
        assert session.scalars(select(func.count(Gate.id)).where(Gate.iteration_id == second)).one() == 2
        undone = select(Step).where(Step.iteration_id.in_((copied.id, second)), Step.status != "done")
        assert session.scalars(undone).all() == []
        assert session.get_one(Experiment, origin).status == "finished"
