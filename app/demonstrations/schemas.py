"""Demonstrations as their pages show them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from app.cells.record_routes import record_url
from app.demonstrations.models import Demonstration, Motion
from app.demonstrations.service import acceptable, owed_regions
from app.experiments.models import Experiment, Region
from hndp_core.tasks import get_task

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
class MotionCard:
    """A motion that nobody has kept yet, as the board and its page name it."""

    row: Motion
    title: str
    advice: str


@dataclass(frozen=True)
class Board:
    """All demonstrations of an experiment.

    Attributes:
        open: whether they may still change
        scripted: whether the scripted teacher can demonstrate, which takes a simulated scene
        guided: whether a person can guide the arm: by hand, or a simulated one in the browser
    """

    cards: tuple[Card, ...]
    binned: tuple[Card, ...]
    motions: tuple[MotionCard, ...]
    binned_motions: tuple[MotionCard, ...]
    owed: int
    acceptable: int
    warned: int
    accepted: int
    under_way: int
    open: bool
    scripted: bool
    guided: bool

    @property
    def states(self) -> dict[int, str]:
        """A word for each region by its id, for the map."""
        return {card.region.id: card.status for card in self.cards}

    @property
    def recorded(self) -> int:
        """Regions that have been recorded, whether accepted or not."""
        return sum(card.status in ("recorded", "accepted") for card in self.cards)


def view_board(
    experiment: Experiment, demonstrations: Sequence[Demonstration], motions: Sequence[Motion]
) -> Board:
    """The board of an experiment, from its demonstrations by region and take and its motions that are not
    kept.
    """
    train = [each for each in experiment.regions if each.split == "train"]
    cards = tuple(_card_of_region(region, demonstrations) for region in train)
    waiting = [card.row for card in cards if card.row is not None and card.status == "recorded"]
    return Board(
        cards=cards,
        binned=tuple(view_card(each) for each in demonstrations if each.status == "binned"),
        motions=tuple(view_motion(each) for each in motions if each.status == "waiting"),
        binned_motions=tuple(view_motion(each) for each in motions if each.status == "binned"),
        owed=len(owed_regions(experiment, demonstrations)),
        acceptable=len(acceptable(demonstrations)),
        warned=sum(row.warning is not None for row in waiting),
        accepted=sum(card.status == "accepted" for card in cards),
        under_way=sum(card.status in ("queued", "recording") for card in cards),
        open=experiment.status == "draft",
        scripted=experiment.cell.is_simulated,
        guided=not experiment.cell.is_simulated or get_task(experiment.task).guiding is not None,
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


def view_motion(row: Motion) -> MotionCard:
    """What a motion is called, and what to do with it."""
    if row.source == "imported":
        return MotionCard(row, f"Imported from {row.name}", "Look at it, then keep it or throw it away.")
    if row.cut_off_s is not None:
        title = f"A recording was cut off after {row.cut_off_s:.1f} s"
        return MotionCard(row, title, "Keep what is there, or throw it away and record again.")
    return MotionCard(row, "Guided by hand", "Look at it, then keep it or throw it away.")


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
