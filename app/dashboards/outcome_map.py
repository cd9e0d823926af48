"""Outcomes and gates by region and iteration."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from app.dashboards.repository import DashboardRepository, GateEvent, JudgedTrial, StoredGate
from app.dashboards.schemas import MapCell, MapRow, MapTrial, OutcomeMap
from app.experiments.models import Region
from app.training.label_snapshot import Judgement, hash_of

_Place = tuple[int, int]
"""Iteration and region id."""


def outcome_map(repository: DashboardRepository) -> OutcomeMap:
    """Every judged trial in its place, train rows first, with the gates that the iterations ended with.

    Raises:
        NotFound: no such experiment.
    """
    experiment = repository.experiment()
    trials: dict[_Place, list[MapTrial]] = defaultdict(list)
    for row in repository.judged_trials():
        trials[row.iteration, row.region_id].append(_trial(row))
    gates = {}
    if experiment.refines:
        gates = {(gate.iteration, gate.region_id): gate for gate in repository.gates()}
    hashes = _present_hashes(repository.gate_events())
    demonstrations = repository.accepted_by_region()
    iterations = sorted({number for number, _ in trials})
    return OutcomeMap(
        iterations=iterations,
        rows=[
            _row(
                region,
                demonstrations.get(region.id),
                experiment.refines and region.split == "train",
                [_cell(number, region, trials, gates, hashes) for number in iterations],
            )
            for region in repository.regions()
        ],
    )


def _trial(row: JudgedTrial) -> MapTrial:
    return MapTrial(
        trial_id=row.trial_id,
        repeat=row.repeat,
        attempt=row.attempt,
        simulated=row.simulated,
        state=row.state,
        author=row.author,
        labelled_at=row.labelled_at,
    )


def _row(region: Region, demonstration: int | None, gated: bool, cells: list[MapCell]) -> MapRow:
    return MapRow(
        region_id=region.id,
        region=region.name,
        subject=region.subject,
        gated=gated,
        split=region.split,  # pyright: ignore[reportArgumentType]  the table's check constraint
        x_m=region.x_m,
        y_m=region.y_m,
        demonstration=demonstration,
        cells=cells,
    )


def _cell(
    number: int,
    region: Region,
    trials: Mapping[_Place, list[MapTrial]],
    gates: Mapping[_Place, StoredGate],
    hashes: Mapping[_Place, str],
) -> MapCell:
    place = (number, region.id)
    gate = gates.get(place)
    return MapCell(
        iteration=number,
        trials=trials.get(place, []),
        gate=gate.value if gate else None,  # pyright: ignore[reportArgumentType]  the table's check constraint
        gate_outdated=gate is not None and hashes.get(place) != gate.label_hash,
    )


def _present_hashes(events: Iterable[GateEvent]) -> dict[_Place, str]:
    """Hash of the label events of each gate as they are now."""
    grouped: dict[_Place, list[Judgement]] = defaultdict(list)
    for each in events:
        grouped[each.iteration, each.region_id].append(each.judgement)
    return {place: hash_of(each) for place, each in grouped.items()}
