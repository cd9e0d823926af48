"""What the label page of a session tells when it has no trial to show."""

from typing import Final

from app.evaluations.models import EvaluationSession
from app.evaluations.queue_repository import BlindQueue
from app.trials.what_next import WhatNext, left_to_others

_SEE_PROGRESS: Final = "See the progress"


def next_in_session(queue: BlindQueue, row: EvaluationSession) -> WhatNext:
    """What happens in a session without a label."""
    page = f"/evaluations/{row.id}"
    if row.status == "closed":
        return WhatNext(
            "The session is closed", "Its labels stay as they are.", "Open the report", f"{page}/report"
        )
    if row.status == "draft":
        return WhatNext("Nothing to label yet", "The session has not started.", "Go and start it", page)
    others = left_to_others(queue.waiting_for_anybody(), queue.held_by_others(), _SEE_PROGRESS, page)
    if others is not None:
        return others
    to_come = queue.unrun_count() + queue.repeated_count()
    if to_come:
        still = f"{to_come} {'trial is' if to_come == 1 else 'trials are'} still to be run"
        paused = ", but the session is paused" if row.status == "paused" else ""
        text = f"{still}{paused}. They appear here by themselves."
        return WhatNext("Nothing waits for you", text, _SEE_PROGRESS, page)
    return WhatNext(
        "All trials are judged", "Close the session to see what they say.", "Go to the session", page
    )
