"""Write the table where people and programs read it: JSON, a page, figures."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from hndp_core.data.artefact_store import ArtefactStore
from hndp_core.experiments.bench.figure_table import figure_table
from hndp_core.experiments.bench.record import BenchRecord
from hndp_core.experiments.table1.charts import draw_all
from hndp_core.experiments.table1.markdown import page
from hndp_core.experiments.table1.run_result import RunResult
from hndp_core.experiments.table1.summary import summarise


def publish(out: Path, record: BenchRecord, results: Sequence[RunResult]) -> None:
    """Write `table1.json` (the record, and every rate of every row), `table1.md` and its figures.

    Raises:
        MissingPackage: matplotlib is not installed.
        StorageFull: no room.
    """
    summaries = summarise(results)
    store = ArtefactStore(out)
    tables = {"tables": [each.as_dict() for each in summaries]}
    store.write(
        "table1.json",
        (json.dumps({**asdict(record), "met": record.met, **tables}, indent=1) + "\n").encode(),
    )
    figures = draw_all(out, summaries, results)
    store.write("table1.md", page(summaries, figures, figure_table(record)).encode())
