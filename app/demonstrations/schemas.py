"""Demonstrations as their pages show them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from app.cells.record_routes import record_url
from app.demonstrations.models import Demonstration
from app.demonstrations.service import acceptable, owed_regions
from app.experiments.models import Experiment, Region

SOURCES: Final[Mapping[str, str]] = {
    "teacher": "scripted teacher",
    "guided": "guided by hand",
    "imported": "imported",
}


@dataclass(frozen=True)
class Card:
    """One train region with the demonstration that stands for it, or owing one.

    Attributes:
        others: further demonstrations of the region outside the bin
    """

    region: Region
    status: str
    row: Demonstration | None = None
    source: str = ""
    first: str | None = None
    last: str | None = None
    others: tuple[Demonstration, ...] = ()


@dataclass(frozen=True)
class Board:
    """All demonstrations of an experiment; `open` says whether they may still change."""

    cards: tuple[Card, ...]
    binned: tuple[Card, ...]
    owed: int
    acceptable: int
    warned: int
    accepted: int
    under_way: int
    open: bool

    @property
    def states(self) -> dict[int, str]:
        """A word for each region by its id, for the map."""
        return {card.region.id: card.status for card in self.cards}

    @property
    def recorded(self) -> int:
        """Regions that have been recorded, whether accepted or not."""
        return sum(card.status in ("recorded", "accepted") for card in self.cards)


def view_board(experiment: Experiment, demonstrations: Sequence[Demonstration]) -> Board:
    """The board of an experiment, from all its demonstrations by region and take."""
    train = [each for each in experiment.regions if each.split == "train"]
    cards = tuple(_card_of_region(region, demonstrations) for region in train)
    waiting = [card.row for card in cards if card.row is not None and card.status == "recorded"]
    return Board(
        cards=cards,
        binned=tuple(view_card(each) for each in demonstrations if each.status == "binned"),
        owed=len(owed_regions(experiment, demonstrations)),
        acceptable=len(acceptable(demonstrations)),
        warned=sum(row.warning is not None for row in waiting),
        accepted=sum(card.status == "accepted" for card in cards),
        under_way=sum(card.status in ("queued", "recording") for card in cards),
        open=experiment.status == "draft",
    )


def view_card(row: Demonstration, others: Sequence[Demonstration] = ()) -> Card:
    return Card(
        region=row.region,
        status=row.status,
        row=row,
        source=source_of(row),
        first=record_url(row.artefact_key, row.sha256, "first.jpg"),
        last=record_url(row.artefact_key, row.sha256, "last.jpg"),
        others=tuple(others),
    )


def source_of(row: Demonstration) -> str:
    """Who demonstrated, on what."""
    arm = "simulated arm" if row.region.experiment.cell.is_simulated else "arm"
    return f"{SOURCES[row.source]}, {arm}"


def _card_of_region(region: Region, demonstrations: Sequence[Demonstration]) -> Card:
    """What is under way stands for a region before what is accepted, and that before what is recorded."""
    here = [each for each in demonstrations if each.region_id == region.id and each.status != "binned"]
    if not here:
        return Card(region, "owed")
    order = ("failed", "recorded", "accepted", "queued", "recording")
    shown = max(here, key=lambda each: (order.index(each.status), each.take))
    return view_card(shown, [each for each in here if each is not shown])
