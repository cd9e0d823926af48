"""A bar on the terminal for work that takes longer than a second."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

Report = Callable[[int, int], None]
"""Takes what is done, and of how much."""


@contextmanager
def progress_bar(what: str) -> Iterator[Report]:
    """Draw a bar on stderr, so that stdout stays free, until the block ends."""
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bars:
        bar = bars.add_task(what, total=None)
        yield lambda done, total: bars.update(bar, completed=done, total=total)
