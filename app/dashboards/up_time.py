"""For what share of each of many times a process ran."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import islice, pairwise


def up_shares(
    runs: Iterable[tuple[datetime, datetime]], known_since: datetime, edges: Sequence[datetime]
) -> list[float | None]:
    """Share of the time between each two neighbouring edges that lies in any of the runs.

    Args:
        runs: when each began and was last heard of, in the order of their beginning; they may overlap
        known_since: when the process was started for the first time: before, nobody missed it
        edges: of the times that are asked about, rising

    Returns:
        one share less than there are edges; None where nothing of that time is known
    """
    stretches = _disjoint(runs)
    shares: list[float | None] = []
    first = 0
    for begin, end in pairwise(edges):
        while first < len(stretches) and stretches[first][1] <= begin:
            first += 1
        known = max(begin, known_since)
        up = timedelta()
        for started, seen in islice(stretches, first, None):
            if started >= end:
                break
            up += max(min(seen, end) - max(started, known), timedelta())
        shares.append(up / (end - known) if known < end else None)
    return shares


def _disjoint(runs: Iterable[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """The same time as stretches that do not overlap."""
    stretches: list[tuple[datetime, datetime]] = []
    for started, seen in runs:
        if stretches and started <= stretches[-1][1]:
            stretches[-1] = stretches[-1][0], max(stretches[-1][1], seen)
        else:
            stretches.append((started, seen))
    return stretches
