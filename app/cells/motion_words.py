"""The words of a cell's motion: its states, its events, and why nothing moves."""

from typing import Literal, get_args

Motion = Literal["ready", "unattended", "scene", "blind", "held", "stopped", "recovering"]

ReferenceSource = Literal["demonstration", "trial", "simulation"]
"""What the reference picture of a scene is the first frame of; "simulation": drawn, for want of one."""
REFERENCE_SOURCES: tuple[str, ...] = get_args(ReferenceSource)

EventKind = Literal[
    "taken", "taken_over", "released", "lost", "hold", "go_on", "stop", "recover", "recovered"
]
EVENT_KINDS: tuple[str, ...] = get_args(EventKind)

EVENT_TITLES: dict[str, str] = {
    "taken": "took the arm",
    "taken_over": "took the arm over",
    "released": "handed the arm back",
    "lost": "was not heard any more",
    "hold": "The arm held its position",
    "go_on": "let motion go on",
    "stop": "stopped motion",
    "recover": "sent the arm home",
    "recovered": "The arm was home again",
}
"""What happened, after the name of who did it where somebody did."""

UNASKED_TITLES: dict[str, str] = {"stop": "Motion was stopped", "go_on": "Motion may go on"}
"""The same where nobody did it, for what else somebody does."""


WAITS: dict[str, str] = {
    "blind": "has no picture",
    "unattended": "waits for an operator",
    "scene": "waits for its scene",
    "held": "holds its position",
    "stopped": "is stopped",
    "recovering": "goes home",
}
"""What a cell does whose arm may not move, after its name."""


def reason(
    motion: Motion,
    *,
    stopped_by: str | None,
    lost: str,
    silent: str | None,
    blind: str,
    waiting: str | None,
    scene: str | None,
) -> str:
    """Why the arm does not move, and what to do; empty where it may.

    Args:
        motion: the state
        stopped_by: who stopped motion
        lost: why the arm cannot be commanded, with the remedy; empty where it can
        silent: whose page fell silent
        blind: why the camera gives no pictures, with the remedy; empty where it does
        waiting: the job that waits for the arm, if one does
        scene: what a person does to the scene, if it waits for that
    """
    match motion:
        case "stopped":
            if lost:
                return f"{lost} Then recover: the arm is connected anew and goes home slowly."
            return f"{stopped_by} stopped motion. Look at the cell, then recover: the arm goes home slowly."
        case "recovering":
            return "The arm goes home slowly. What was under way is done again afterwards."
        case "held":
            return (
                f"Nobody's page answers: {silent}'s was last heard of more than a second ago. "
                "The arm holds its position until an operator lets it go on."
            )
        case "blind":
            return f"{blind} What was under way is invalid: it is done again once there is a picture."
        case "unattended":
            if waiting:
                return f"Waits for an operator: {waiting} starts as soon as somebody takes the arm."
            return "Nobody holds the arm: nothing moves until somebody takes it."
        case "scene":
            return scene or ""
        case "ready":
            return ""
