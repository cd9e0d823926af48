import asyncio
from collections.abc import Mapping

from app.experiments.live_fragments import changed_fragments


def sent(states: list[Mapping[str, str]]) -> list[tuple[str, str]]:
    """What the stream sends while the page goes through the states, one a look."""
    looks = iter(states)

    class Ended(Exception):
        pass

    def render() -> Mapping[str, str]:
        state = next(looks, None)
        if state is None:
            raise Ended
        return state

    async def collect() -> list[tuple[str, str]]:
        events = []
        try:
            async for event in changed_fragments(render, period_s=0.0):
                events.append((event.event, event.data))
        except Ended:
            return events
        raise AssertionError("the stream ended by itself")

    return asyncio.run(collect())


def test_a_page_opened_late_gets_everything_first() -> None:
    assert sent([{"status": "running", "curves": "[]"}]) == [("status", "running"), ("curves", "[]")]


def test_nothing_is_sent_while_nothing_changes() -> None:
    same = {"status": "running"}
    assert sent([same, same, same]) == [("status", "running")]


def test_only_what_changed_is_sent() -> None:
    states = [{"a": "1", "b": "1"}, {"a": "1", "b": "2"}, {"a": "1", "b": "2", "c": "1"}]
    assert sent(states) == [("a", "1"), ("b", "1"), ("b", "2"), ("c", "1")]
