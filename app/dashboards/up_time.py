"""For what share of a time a process ran."""

from collections.abc import Iterable
from datetime import datetime, timedelta


def up_share(
    runs: Iterable[tuple[datetime, datetime]], known_since: datetime, begin: datetime, end: datetime
) -> float | None:
    """Share of the time from `begin` to `end` that lies in any of the runs.

    Args:
        runs: when each began and was last heard of, in the order of their beginning; they may overlap
        known_since: when the process was started for the first time: before, nobody missed it
        begin: of the time that is asked about
        end: of it

    Returns:
        None where nothing of that time is known.
    """
    begin = max(begin, known_since)
    if end <= begin:
        return None
    up, reached = timedelta(), begin
    for started_at, seen_at in runs:
        started, seen = max(started_at, reached), min(seen_at, end)
        if seen > started:
            up += seen - started
            reached = seen
    return up / (end - begin)
