"""The bench's database: as many rows as it says, summed as stored; and every page that is timed answers."""

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from app.dashboards import bench_seed
from app.dashboards.bench_dashboards import ANSWERS, PAGES
from app.dashboards.models import LabelDay, TrialHour
from app.platform.database import Database
from app.platform.model import now
from app.trials.models import LabelEvent, Trial


@pytest.fixture
def filled(database: Database, monkeypatch: pytest.MonkeyPatch) -> tuple[int, int, int]:
    monkeypatch.setattr(bench_seed, "EXPERIMENTS", 3)
    return bench_seed.seed_dashboards(database, 600, now())


def test_what_is_stored_is_what_is_said_and_summed(
    database: Database, client: TestClient, filled: tuple[int, int, int]
) -> None:
    experiment, trials, events = filled
    with database.reading() as session:
        stored = [
            session.scalars(select(func.count()).select_from(each)).one() for each in (Trial, LabelEvent)
        ]
        summed = [
            session.scalars(select(func.sum(each))).one() for each in (TrialHour.trials, LabelDay.labels)
        ]
        arm_s = [session.scalars(select(func.sum(each))).one() for each in (Trial.arm_s, TrialHour.arm_s)]
    assert stored == summed == [trials, events] == [600, 1800]
    assert arm_s[0] == pytest.approx(arm_s[1])
    for path in (*PAGES, *ANSWERS):
        assert client.get(path.format(experiment=experiment)).status_code == 200, path
    assert len(client.get("/dashboards/experiments.json").json()["rows"]) == 3
