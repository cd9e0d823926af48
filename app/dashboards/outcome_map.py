"""Outcomes and gates by region and iteration."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Row

from app.dashboards.repository import DashboardRepository
from app.dashboards.schemas import MapCell, MapRow, MapTrial, OutcomeMap
from app.experiments.models import Region
from hndp_core.hierarchy import LabelEvent, snapshot_hash

_Place = tuple[int, int]
"""Iteration and region id."""


def outcome_map(repository: DashboardRepository) -> OutcomeMap:
    """Every judged trial in its place, train rows first, with the gates that the iterations ended with.

    Raises:
        NotFound: no such experiment.
    """
    repository.experiment()
    trials: dict[_Place, list[MapTrial]] = defaultdict(list)
    for row in repository.judged_trials():
        trials[row.number, row.region_id].append(_trial(row))
    gates = {(number, region): (value, hash_) for number, region, value, hash_ in repository.gates()}
    hashes = _present_hashes(repository.gate_events())
    iterations = sorted({number for number, _ in trials})
    return OutcomeMap(
        iterations=iterations,
        rows=[
            _row(region, [_cell(number, region, trials, gates, hashes) for number in iterations])
            for region in repository.regions()
        ],
    )


def _trial(row: Row[Any]) -> MapTrial:
    return MapTrial(
        trial_id=row.trial_id,
        repeat=row.repeat,
        attempt=row.attempt,
        simulated=row.simulated,
        state=row.state,
        author=row.author,
        labelled_at=row.labelled_at,
    )


def _row(region: Region, cells: list[MapCell]) -> MapRow:
    return MapRow(
        region_id=region.id,
        region=region.name,
        split=region.split,  # pyright: ignore[reportArgumentType]  the table's check constraint
        x_m=region.x_m,
        y_m=region.y_m,
        cells=cells,
    )


def _cell(
    number: int,
    region: Region,
    trials: Mapping[_Place, list[MapTrial]],
    gates: Mapping[_Place, tuple[int, str]],
    hashes: Mapping[_Place, str],
) -> MapCell:
    place = (number, region.id)
    value, made_from = gates.get(place, (None, None))
    return MapCell(
        iteration=number,
        trials=trials.get(place, []),
        gate=value,  # pyright: ignore[reportArgumentType]  the table's check constraint
        gate_outdated=value is not None and hashes.get(place) != made_from,
    )


def _present_hashes(events: Iterable[Row[tuple[int, int, int, int, int, str]]]) -> dict[_Place, str]:
    """Hash of the label events of each gate as they are now, as `gate_setting.label_hash` makes it."""
    grouped: dict[_Place, list[LabelEvent]] = defaultdict(list)
    for number, region, event, trial, author, outcome in events:
        grouped[number, region].append(LabelEvent(event, str(trial), str(author), outcome))
    return {place: snapshot_hash(each) for place, each in grouped.items()}
