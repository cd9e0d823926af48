"""The message that an act leaves on the page."""

import json


def toast(said: str, undo: str | None = None) -> dict[str, str]:
    """The header that makes the page show a message, with a button that takes the act back."""
    message = {"message": said, "undo": undo} if undo else {"message": said}
    return {"HX-Trigger": json.dumps({"toast": message})}
