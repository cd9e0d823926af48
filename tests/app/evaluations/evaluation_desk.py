"""Two seeded experiments, a session that compares their policies, and an arm that answers as it is told."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.evaluations.models import EvaluationSession, PlannedRun
from app.evaluations.turns import next_turn
from app.experiments.models import Experiment, Region
from app.platform.database import Database
from app.platform.model import now
from app.training.models import Iteration, Policy
from app.trials.models import Trial
from hndp_core.data.artefact_store import ArtefactStore

from ..seeded_records import record_file, write_record

NAMES = ("Quokka", "Wombat")

Truth = Callable[[PlannedRun], bool | None]
"""What the physics says of a run."""


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

    def label(self, session_id: int, trial_id: int, outcome: str, seen: int = 0, key: str = "") -> Response:
        fields = {"outcome": outcome, "seen": seen, "request_key": key or f"key-{trial_id:08d}-{seen}"}
        return self.client.post(f"/evaluations/{session_id}/trials/{trial_id}/labels", data=fields)


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
