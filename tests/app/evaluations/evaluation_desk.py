"""Two seeded experiments, a session that compares their policies, and an arm that answers as it is told."""

import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.evaluations.models import EvaluationSession, PlannedRun
from app.evaluations.turns import next_turn
from app.experiments.models import Experiment, Region
from app.platform.database import Database
from app.platform.model import now
from app.training.models import Iteration, Policy
from app.trials.models import Trial
from hndp_core.data.artefact_store import ArtefactStore

from ..seeded_experiment import seed_experiment
from ..seeded_records import record_file, write_record

NAMES = ("Quokka", "Wombat")

JSON = {"accept": "application/json"}
PAGE = "0" * 32
"""The name of an open label page."""

Truth = Callable[[PlannedRun], bool | None]
"""What the physics says of a run."""


def seed_rivals(
    session: Session, artefacts: ArtefactStore, user: User, *, iterations: int, train: int, held_out: int
) -> None:
    """Add two finished experiments, on equal layouts, whose policies can be compared."""
    for seed, name in enumerate(NAMES):
        seed_experiment(
            session,
            artefacts,
            user,
            iterations_done=iterations,
            planned_iterations=iterations,
            train=train,
            held_out=held_out,
            name=name,
            seed=seed,
        )


def truth_by_letter(**successes: bool) -> Truth:
    return lambda run: successes[run.candidate.letter]


@dataclass(frozen=True)
class EvaluationDesk:
    """A signed-in operator before the experiments whose policies are compared."""

    client: TestClient
    database: Database
    store: ArtefactStore

    def plan(self, **changes: Any) -> Response:
        """Send the form of a new session: the last policies of both experiments in the first one's held-out
        regions.
        """
        with self.database.reading() as session:
            layout = session.scalars(select(Experiment.id).order_by(Experiment.id)).first()
            regions = session.scalars(
                select(Region.id).where(Region.experiment_id == layout, Region.split == "held_out")
            ).all()
            policies = session.scalars(
                select(Policy.id)
                .join(Iteration)
                .where(Policy.kind == "global", Iteration.number == 2)
                .order_by(Policy.id)
            ).all()
        values = {
            "name": "Blind one",
            "layout": layout,
            "policies": policies,
            "regions": regions,
            "repeats": "2",
            "level": "0.05",
            "pairing": "paired",
            "design": "fixed",
            "operator": "human",
            "second_rater_percent": "0",
            "curves": "hidden",
            "cell": "simulated",
        }
        return self.client.post("/evaluations", data={**values, **changes})

    def begun(self, **changes: Any) -> int:
        """Plan a session and start it; return its id."""
        answer = self.plan(**changes)
        assert answer.status_code == 303, answer.text
        session_id = int(answer.headers["location"].rsplit("/", 1)[1])
        assert self.act(session_id, "start").status_code == 303
        return session_id

    def act(self, session_id: int, act: str) -> Response:
        return self.client.post(f"/evaluations/{session_id}/{act}")

    def turn(self, session_id: int, truth: Truth) -> dict[str, Any]:
        """What the conduct and the cell do next."""
        with self.database.transaction() as session:
            turn = next_turn(session, session_id, 0.0)
            for trial_id in turn.get("trials", []):
                execute(session, self.store, session.get_one(Trial, trial_id), truth)
        return turn

    def run_all(self, session_id: int, truth: Truth) -> None:
        """Turn after turn, until only labels are owed."""
        while self.turn(session_id, truth)["state"] == "run":
            pass

    def row(self, session: Session, session_id: int) -> EvaluationSession:
        return session.get_one(EvaluationSession, session_id)

    def waiting(self, session_id: int) -> list[int]:
        """Executed trials of the session that were never labelled, in their order."""
        with self.database.reading() as session:
            return list(
                session.scalars(
                    select(Trial.id)
                    .join(PlannedRun)
                    .where(
                        PlannedRun.session_id == session_id,
                        Trial.status == "executed",
                        ~Trial.labels.any(),
                    )
                    .order_by(Trial.id)
                )
            )

    def label(self, session_id: int, trial_id: int, outcome: str, key: str = "", **more: object) -> Response:
        fields = {"outcome": outcome, "request_key": key or secrets.token_hex(16), **more}
        path = f"/evaluations/{session_id}/trials/{trial_id}/labels"
        return self.client.post(path, data=fields, headers=JSON)

    def undo(self, session_id: int, **more: object) -> Response:
        fields = {"request_key": secrets.token_hex(16), **more}
        return self.client.post(f"/evaluations/{session_id}/labels/undo", data=fields, headers=JSON)

    def of(self, client: TestClient) -> "EvaluationDesk":
        """The desk of somebody else at the same experiments."""
        return replace(self, client=client)

    def shown(self, session_id: int, page: str = PAGE, holding: Sequence[int] = ()) -> list[int]:
        """Trials that a label page is given."""
        query: dict[str, Any] = {"page": page, "holding": holding}
        html = self.client.get(f"/evaluations/{session_id}/label/queue", params=query).text
        return [int(each) for each in re.findall(r'class="trial-card" data-trial="(\d+)"', html)]


def execute(session: Session, store: ArtefactStore, trial: Trial, truth: Truth) -> None:
    """Leave a trial as the cell does."""
    run, region = trial.planned_run, trial.region
    assert run is not None
    content, sha256 = record_file(region.x_m, region.y_m, 0.01, trial.id)
    write_record(store, f"trials/{trial.id}", "record", content, region.x_m, region.y_m, True)
    trial.status, trial.executed_at, trial.started_at = "executed", now(), now()
    trial.artefact_key, trial.sha256 = f"trials/{trial.id}", sha256
    trial.physics_success = truth(run)
    session.flush()
