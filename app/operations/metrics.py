"""What Prometheus reads: counts of the database at the moment of asking, beside the times of requests."""

from collections.abc import Iterator
from datetime import timedelta

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from app.operations.repository import OperationsRepository
from app.platform.database import Database
from app.platform.durable import Jobs
from app.platform.heartbeat import DEAD_AFTER_S
from app.platform.model import now


class StudioCollector(Collector):
    """Asks the database when it is asked; nothing is counted meanwhile."""

    def __init__(self, database: Database, jobs: Jobs) -> None:
        self._database = database
        self._jobs = jobs

    def describe(self) -> list[Metric]:
        return []  # so that registering it asks no database

    def collect(self) -> Iterator[Metric]:
        since = now() - timedelta(seconds=DEAD_AFTER_S)
        with self._database.reading() as session:
            counts = OperationsRepository(session)
            yield GaugeMetricFamily(
                "hndp_trials_waiting", "Trials that wait for a label.", value=counts.trials_waiting()
            )
            processes = GaugeMetricFamily("hndp_processes", "Processes that are alive.", labels=("kind",))
            alive = counts.processes(since)
            for kind in ("web", "worker", "cell"):
                processes.add_metric((kind,), alive.get(kind, 0))
            yield processes
            cells = GaugeMetricFamily("hndp_cell_up", "1 where a cell works.", labels=("cell",))
            for name, is_up in counts.cells(since):
                cells.add_metric((name,), float(is_up))
            yield cells
            jobs = GaugeMetricFamily("hndp_jobs", "Durable jobs under way.", labels=("status",))
            for status, count in self._jobs.counts(session).items():
                jobs.add_metric((status,), count)
            yield jobs


def make_registry(database: Database, jobs: Jobs) -> CollectorRegistry:
    """A registry of this application alone."""
    registry = CollectorRegistry()
    registry.register(StudioCollector(database, jobs))
    return registry
