"""Demonstrations as their pages show them."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.cells.record_routes import record_url
from app.demonstrations.models import Demonstration
from app.demonstrations.service import acceptable, owed_regions
from app.experiments.models import Experiment, Region

SOURCES = {
    "teacher": "scripted teacher",
    "guided": "guided by hand",
    "imported": "imported",
}


@dataclass(frozen=True)
class Card:
    """One train region with the demonstration that stands for it, or owing one."""

    region: str
    region_id: int
    place: str
    status: str
    demonstration_id: int | None = None
    take: int = 0
    source: str = ""
    warning: str | None = None
    error: str | None = None
    picture: str | None = None
    takes: int = 0


@dataclass(frozen=True)
class Board:
    """All demonstrations of an experiment."""

    cards: tuple[Card, ...]
    binned: tuple[Card, ...]
    owed: int
    acceptable: int
    accepted: int
    under_way: int
    open: bool

    @property
    def states(self) -> dict[str, str]:
        return {card.region: card.status for card in self.cards}


def view_board(experiment: Experiment, demonstrations: Sequence[Demonstration]) -> Board:
    """The board of an experiment; `open` says whether its demonstrations may still change."""
    train = [each for each in experiment.regions if each.split == "train"]
    cards = tuple(_card_of_region(region, demonstrations) for region in train)
    return Board(
        cards=cards,
        binned=tuple(view_card(each) for each in demonstrations if each.status == "binned"),
        owed=len(owed_regions(experiment, demonstrations)),
        acceptable=len(acceptable(demonstrations)),
        accepted=sum(card.status == "accepted" for card in cards),
        under_way=sum(card.status in ("queued", "recording") for card in cards),
        open=experiment.status == "draft",
    )


def view_card(row: Demonstration, takes: int = 1) -> Card:
    return Card(
        region=row.region.name,
        region_id=row.region_id,
        place=_place(row.region),
        status=row.status,
        demonstration_id=row.id,
        take=row.take,
        source=SOURCES[row.source],
        warning=row.warning,
        error=row.error,
        picture=record_url(row.artefact_key, row.sha256, "last.jpg"),
        takes=takes,
    )


def _card_of_region(region: Region, demonstrations: Sequence[Demonstration]) -> Card:
    here = [each for each in demonstrations if each.region_id == region.id and each.status != "binned"]
    if not here:
        return Card(region.name, region.id, _place(region), "owed")
    accepted = [each for each in here if each.status == "accepted"]
    return view_card((accepted or here)[-1], len(here))


def _place(region: Region) -> str:
    return f"x {region.x_m:.3f} m, y {region.y_m:.3f} m"
