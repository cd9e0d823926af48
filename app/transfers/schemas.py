"""Transfers as pages show them, and the form of a new export."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final

from fastapi import Depends, Request

from app.transfers.download import is_offered
from app.transfers.models import Transfer
from app.transfers.selection import LABELS, Selection, read_iterations
from hndp_core.data.dataset.format_names import FORMATS

PURPOSE_WORDS: Final = {
    "local": ("Local trials", "Rollouts of the local experts, which feed the data set; nobody labels them."),
    "gate": ("Gate trials", "Rollouts of the global policy in train regions, whose labels set the gates."),
    "held_out": ("Held-out trials", "Rollouts of the global policy in regions that it was never trained on."),
}


@dataclass(frozen=True)
class TransferView:
    """A line of the list of files.

    Attributes:
        share: of the work that is done, from 0 to 1; None where it is not under way
        href: where the file is fetched; None where there is none
    """

    id: int
    what: str
    by: str
    at: datetime
    status: str
    share: float | None
    size: str
    note: str | None
    href: str | None
    expires_at: datetime | None
    experiment_id: int | None


def view_transfers(rows: Sequence[Transfer]) -> list[TransferView]:
    return [_view(each) for each in rows]


async def sent_selection(request: Request) -> Selection:
    """What a form chooses.

    Raises:
        Invalid: nothing, or something unknown; names the input.
    """
    form = await request.form()
    words = {name: tuple(str(each) for each in form.getlist(name)) for name in ("purposes", "labels")}
    kept = ("accepted", "recorded") if "recorded" in form else ("accepted",)
    return Selection(
        format=str(form.get("format", "")),
        demonstrations=kept if "demonstrations" in form else (),
        purposes=words["purposes"],
        labels=words["labels"] or LABELS,
        iterations=read_iterations(str(form.get("iterations", ""))),
    )


SentSelectionDep = Annotated[Selection, Depends(sent_selection)]


def spoken_size(size: int | None) -> str:
    """Bytes as people read them."""
    if size is None:
        return ""
    return (
        f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.1f} MB" if size >= 1e5 else f"{size} bytes"
    )


def _view(row: Transfer) -> TransferView:
    return TransferView(
        id=row.id,
        what=_what(row),
        by=row.created_by.name,
        at=row.created_at,
        status=row.status,
        share=row.done / row.total if row.status == "running" and row.total else None,
        size=spoken_size(row.size),
        note=row.note,
        href=f"/transfers/{row.id}/file" if is_offered(row) else None,
        expires_at=row.expires_at if is_offered(row) else None,
        experiment_id=row.experiment_id,
    )


def _what(row: Transfer) -> str:
    match row.kind:
        case "archive":
            return "The whole experiment"
        case "restoration":
            return row.name
    selection = Selection.from_json(row.selection)
    parts = ["demonstrations"] if selection.demonstrations else []
    parts += [PURPOSE_WORDS[each][0].lower() for each in selection.purposes]
    iterations = f", iterations {', '.join(map(str, selection.iterations))}" if selection.iterations else ""
    return f"{FORMATS[selection.format].partition(':')[0]}: {', '.join(parts)}{iterations}"
