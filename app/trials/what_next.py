"""What an empty label page tells: what goes on without the operator, and where to see it."""

from dataclasses import dataclass
from typing import Final

from app.experiments.models import Experiment
from app.trials.queue_repository import QueueRepository
from app.trials.waiting import QueueFilter

STEPS: Final = {
    "pretraining": "the encoder is pretrained",
    "local_training": "the local experts are trained",
    "local_rollouts": "the local experts run on the arm",
    "global_training": "the global policy is trained",
    "gate_rollouts": "the global policy runs in the train regions",
    "held_out_rollouts": "the global policy runs in the held-out regions",
    "labelling": "the gates are being set",
}


@dataclass(frozen=True)
class WhatNext:
    """What an empty queue tells: what goes on without the operator, and where to see it."""

    title: str
    text: str
    act: str
    href: str


def next_in(queue: QueueRepository, experiment: Experiment) -> WhatNext:
    """What happens in an experiment without a label."""
    page = f"/experiments/{experiment.id}"
    at_rest = {
        "draft": WhatNext(
            "Nothing to label yet",
            "The refinement has not started: it needs an accepted demonstration in each train region.",
            "Go to the demonstrations",
            f"{page}/demonstrations",
        ),
        "paused": WhatNext(
            "Paused", "Trials come here after the experiment is resumed.", "Open the time line", page
        ),
        "failed": WhatNext(
            "A step has failed", "Trials come here after it is tried again.", "See why, and retry", page
        ),
        "cancelled": WhatNext(
            "Cancelled",
            "No more trials come. What was labelled stays.",
            "Open the dashboard",
            f"{page}/dashboard",
        ),
        "finished": WhatNext(
            "All done",
            "Every trial of every iteration is labelled.",
            "Open the dashboard",
            f"{page}/dashboard",
        ),
    }
    if experiment.status in at_rest:
        return at_rest[experiment.status]
    others = left_to_others(
        queue.waiting_for_anybody(), queue.held_by_others(), "See all that waits", "/label"
    )
    if others is not None:
        return others
    step = queue.step_under_way()
    doing = (
        f"Now {STEPS[step.kind]} (iteration {step.iteration.number} of {experiment.iterations}). "
        if step
        else ""
    )
    return WhatNext(
        "Nothing waits for you",
        f"{doing}New trials appear here by themselves: you can leave this page open.",
        "Follow it on the time line",
        page,
    )


def next_anywhere(queue: QueueRepository, asked: QueueFilter) -> WhatNext:
    """What happens in all experiments together."""
    if asked.is_narrow:
        return WhatNext(
            "Nothing waits for you here",
            "No trial that waits fits what you have chosen above. New ones appear here by themselves.",
            "Show all trials that wait",
            "/label",
        )
    others = left_to_others(
        queue.waiting_for_anybody(), queue.held_by_others(), "See all that waits", "/label"
    )
    if others is not None:
        return others
    step = queue.step_under_way()
    doing = f"In {step.iteration.experiment.name}, {STEPS[step.kind]} now. " if step else ""
    return WhatNext(
        "Nothing waits for you",
        f"{doing}New trials of all experiments appear here by themselves: you can leave this page open.",
        "See the experiments",
        "/experiments",
    )


def left_to_others(count: int, held: int, act: str, href: str) -> WhatNext | None:
    """What waits for other people alone: it is on their screens, or a second or third one is to judge it.

    Args:
        count: trials that wait for anybody's judgement
        held: trials that are on the screens of others
        act: what can be done instead, and `href` where
        href: address of that
    """
    if not count:
        return None
    what = "The one trial that waits is" if count == 1 else f"All {count} trials that wait are"
    if held >= count:
        text = f"{what} on other screens now. What is given back appears here by itself."
        return WhatNext("Others have them on their screens", text, act, href)
    waits = "trial waits" if count == 1 else "trials wait"
    return WhatNext(
        "Nothing is left for you",
        f"{count} {waits} for somebody else: on another screen, for a second judgement, or to be settled. "
        "What is given back appears here by itself.",
        act,
        href,
    )
