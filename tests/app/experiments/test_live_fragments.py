from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import anyio

from app.experiments.live_fragments import changed_fragments

Result = TypeVar("Result")


def run(function: Callable[[], Awaitable[Result]]) -> Result:
    """In a thread of its own: browser tests leave an event loop running in the main one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(anyio.run, function).result()


async def stays() -> bool:
    return True


def sent(states: Sequence[Mapping[str, str]]) -> list[tuple[str | None, str]]:
    """What the stream sends while the page goes through the states, one a look; then the server stops."""

    async def collect() -> list[tuple[str | None, str]]:
        looks, stopping, events = iter(states), anyio.Event(), []
        left = len(states)

        def render() -> Mapping[str, str]:
            nonlocal left
            left -= 1
            if left == 0:
                anyio.from_thread.run_sync(stopping.set)
            return next(looks)

        with anyio.fail_after(5):
            async for event in changed_fragments(render, stopping, stays, period_s=0.001):
                events.append((event.event, event.data))
        return events

    return run(collect)


def test_a_page_opened_late_gets_everything_first() -> None:
    assert sent([{"status": "running", "curves": "[]"}]) == [("status", "running"), ("curves", "[]")]


def test_nothing_is_sent_while_nothing_changes() -> None:
    same = {"status": "running"}
    assert sent([same, same, same]) == [("status", "running")]


def test_only_what_changed_is_sent() -> None:
    states = [{"a": "1", "b": "1"}, {"a": "1", "b": "2"}, {"a": "1", "b": "2", "c": "1"}]
    assert sent(states) == [("a", "1"), ("b", "1"), ("b", "2"), ("c", "1")]


def test_a_waiting_stream_ends_at_once_when_the_server_stops() -> None:
    async def stop_while_it_waits() -> int:
        stopping, events = anyio.Event(), 0
        with anyio.fail_after(5):
            async for _ in changed_fragments(lambda: {"a": "1"}, stopping, stays, period_s=3600):
                events += 1
                stopping.set()
        return events

    assert run(stop_while_it_waits) == 1


def test_a_stream_ends_once_its_user_may_no_longer_look() -> None:
    async def look_while_signed_in() -> int:
        left, events = 3, 0

        async def may_stay() -> bool:
            return left > 0

        def render() -> Mapping[str, str]:
            nonlocal left
            left -= 1
            return {"a": str(left)}

        with anyio.fail_after(5):
            async for _ in changed_fragments(render, anyio.Event(), may_stay, period_s=0.001):
                events += 1
        return events

    assert run(look_while_signed_in) == 3
