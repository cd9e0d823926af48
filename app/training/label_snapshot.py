"""The label events that a gate came from, as one hash: where it is another one now, the gate is outdated."""

from collections.abc import Iterable
from typing import NamedTuple, Self

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.trials.models import LabelEvent, Trial
from hndp_core.hierarchy import LabelEvent as CoreLabelEvent
from hndp_core.hierarchy import snapshot_hash


class Judgement(NamedTuple):
    """Of a label event: all that a gate can depend on."""

    id: int
    trial_id: int
    author_id: int
    outcome: str
    rating: str

    @classmethod
    def of(cls, event: LabelEvent) -> Self:
        """What a label event says."""
        return cls(event.id, event.trial_id, event.author_id, event.outcome, event.rating)


def label_hash(session: Session, iteration_id: int, region_id: int) -> str:
    """Hash of the label events of a region's gate trials as they are now."""
    events = session.scalars(
        select(LabelEvent)
        .join(Trial)
        .where(Trial.iteration_id == iteration_id, Trial.region_id == region_id, Trial.purpose == "gate")
        .order_by(LabelEvent.id)
    )
    return hash_of(Judgement.of(each) for each in events)


def hash_of(events: Iterable[Judgement]) -> str:
    """Hash of label events in the order in which they came.

    An event that only says more of an outcome that stood already, such as why a trial failed, leaves the
    gate as it is, and the hash too.
    """
    stands: dict[tuple[int, bool], tuple[str, str]] = {}
    told = []
    for each in events:
        stream, judged = (each.trial_id, each.rating == "second"), (each.outcome, each.rating)
        if stands.get(stream) != judged:
            told.append(CoreLabelEvent(each.id, str(each.trial_id), str(each.author_id), each.outcome))
        stands[stream] = judged
    return snapshot_hash(told)
