"""What is measured from within the process."""

from array import array
import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
import gc
import os
from pathlib import Path
import time
from typing import Any, Final, NamedTuple

from homeassistant.const import EVENT_STATE_CHANGED, EVENT_STATE_REPORTED
from homeassistant.core import Event, HomeAssistant, callback

_INTERVAL: Final = 0.01
_OLDEST: Final = 2
"""The generation of a full collection."""
_START_TIME: Final = 21
"""Place in /proc/PID/stat."""


def since_start() -> dict[str, float]:
    """Return the seconds, and those of the processor, that the process has taken so far."""
    # The name, in parentheses, may hold anything: count from behind it.
    fields = Path("/proc/self/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    started = int(fields[_START_TIME - 2]) / os.sysconf("SC_CLK_TCK")
    return {"wall": time.clock_gettime(time.CLOCK_BOOTTIME) - started, "cpu": time.process_time()}


class Lag(NamedTuple):
    """How late a loop was, in seconds."""

    late: list[float]
    """By how much, in order, for each hundredth of a second; those that a long pause made it miss are among them."""
    collections: list[float]
    """What Python's full collections took, which stop all threads."""


@contextmanager
def _full_collections() -> Iterator[list[float]]:
    """Note what each of them takes."""
    took: list[float] = []
    began = 0.0

    def note(phase: str, info: dict[str, int]) -> None:
        nonlocal began
        if info["generation"] < _OLDEST:
            return
        if phase == "start":
            began = time.monotonic()
        else:
            took.append(time.monotonic() - began)

    gc.callbacks.append(note)
    try:
        yield took
    finally:
        gc.callbacks.remove(note)


async def loop_lag(seconds: float) -> Lag:
    """Watch the loop of this thread for a while."""
    loop = asyncio.get_running_loop()
    lags: array[float] = array("d")
    over: asyncio.Future[None] = loop.create_future()
    end = loop.time() + seconds

    def look(due: float) -> None:
        now = loop.time()
        while due <= now:
            lags.append(now - due)
            due += _INTERVAL
        if now >= end:
            over.set_result(None)
        else:
            loop.call_at(due, look, due)

    first = loop.time() + _INTERVAL
    loop.call_at(first, look, first)
    with _full_collections() as collections:
        await over
    return Lag(sorted(lags), collections)


async def count_writes(hass: HomeAssistant, seconds: float, prefix: str) -> dict[str, int]:
    """Return how many states were written that changed, and that were as before, of the entities with such ids."""
    counts = {"changed": 0, "reported": 0}

    def counting(what: str) -> Callable[[Event[Any]], None]:
        @callback
        def count(event: Event[Any]) -> None:
            if event.data["entity_id"].partition(".")[2].startswith(prefix):
                counts[what] += 1

        return count

    @callback
    def any_event(_data: object) -> bool:
        return True

    ends = [
        hass.bus.async_listen(EVENT_STATE_CHANGED, counting("changed")),
        hass.bus.async_listen(EVENT_STATE_REPORTED, counting("reported"), event_filter=any_event),
    ]
    await asyncio.sleep(seconds)
    for end in ends:
        end()
    return counts


class Written(NamedTuple):
    """A state that was written."""

    after: float
    """Seconds from the beginning."""
    entity_id: str
    state: str
    attributes: dict[str, Any]


async def record_writes(hass: HomeAssistant, seconds: float, prefix: str) -> list[Written]:
    """Return what states were written, and when."""
    loop = asyncio.get_running_loop()
    written: list[Written] = []
    began = loop.time()

    @callback
    def record(event: Event[Any]) -> None:
        state = event.data["new_state"]
        if state is not None and state.object_id.startswith(prefix):
            written.append(Written(loop.time() - began, state.entity_id, state.state, dict(state.attributes)))

    end = hass.bus.async_listen(EVENT_STATE_CHANGED, record)
    await asyncio.sleep(seconds)
    end()
    return written
