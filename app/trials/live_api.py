"""Labels while the arm moves, from a button box or a foot switch beside the page that holds the arm."""

from typing import Any, Final

from app.api.resource_route import RowId, resource_router
from app.trials.live_routes import LiveDoorDep, LiveLabelForm
from app.trials.schemas import LabelAnswer

router = resource_router("Labels")

_SILENT: Final[dict[int | str, dict[str, Any]]] = {503: {"description": "The cell does not answer."}}


@router.post("/trials/{trial_id}/live-label", responses=_SILENT)
async def give_live_label(trial_id: RowId, form: LiveLabelForm, door: LiveDoorDep) -> LabelAnswer:
    """End the trial's motion with this label; one that has ended by itself is labelled as any other. `token`
    is that of the lease, where somebody holds the arm."""
    return await door.take(form)
