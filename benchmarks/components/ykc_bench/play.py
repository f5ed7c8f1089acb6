"""Writes the states that the integration wrote, at the same moments: the least that it can cost."""

import asyncio
from collections.abc import Iterable, Iterator
from itertools import groupby

from homeassistant.core import HomeAssistant

from .measures import Written

_BREATH = 0.0005
"""Seconds within which states are written at once: those of one report are."""


def _shifted(state: str, by: int) -> str:
    """Return a figure that is as far from those around it as before, and is not the one of the last time."""
    try:
        figure = float(state)
    except ValueError:
        return state
    return str(round(figure + by, 4))


def _breaths(written: Iterable[Written], shift: int) -> Iterator[tuple[float, list[Written]]]:
    place, last = 0, float("-inf")

    def breath(write: Written) -> int:
        nonlocal place, last
        if write.after - last > _BREATH:
            place += 1
        last = write.after
        return place

    for _, together in groupby(written, breath):
        writes = [write._replace(state=_shifted(write.state, shift)) for write in together]
        yield writes[0].after, writes


async def play(hass: HomeAssistant, written: list[Written], shift: int, seconds: float) -> int:
    """Write all states; return how many have no entity. Takes so many seconds, from when all is prepared."""
    unknown = sum(hass.states.get(write.entity_id) is None for write in written)
    breaths = [*_breaths(written, shift)]
    loop = asyncio.get_running_loop()
    began = loop.time()

    def write_all(writes: list[Written]) -> None:
        for write in writes:
            hass.states.async_set(write.entity_id, write.state, write.attributes)

    # One timer at a time: the loop's own list of them is no part of what is measured.
    for after, writes in breaths:
        if (wait := began + after - loop.time()) > 0:
            await asyncio.sleep(wait)
        write_all(writes)
    if (wait := began + seconds - loop.time()) > 0:
        await asyncio.sleep(wait)
    return unknown
