"""Whether a Home Assistant stays as large as it is while piles charge at three times the pace."""

import asyncio
from time import monotonic
from typing import Final

from benchmarks.charging_load import ChargingLoad, Mode
from benchmarks.flat import Sample, is_flat, tell
from benchmarks.hass_house import COMPONENT
from benchmarks.process import descriptors, memory
from benchmarks.spread import tell_collections, tell_columns, tell_spread
from demo.client import Client

PACE: Final = 3.0
WAITING_BOUND: Final = 4.0
"""There are at most so many times the objects that are kept: the others are garbage that waits to be collected."""
_EVERY: Final = 60.0


async def watch_memory(pid: int, client: Client, load: ChargingLoad, minutes: float, *, collect: bool) -> bool:
    """Print a sample each minute; tell whether the second half was flat.

    With `collect` all garbage is collected before each sample, so that what is left is what is kept. Without, Python
    collects when it does: then memory goes up and down with that, and what is told is by how much, and what it does to the
    loop.
    """
    load.set(Mode.CHARGE, PACE)
    began = monotonic()

    async def sample(*, collect: bool) -> Sample:
        objects = await client.command(f"{COMPONENT}/objects", collect=collect)
        taken = Sample((monotonic() - began) / 60, memory(pid), objects, descriptors(pid))
        tell(taken)
        return taken

    samples: list[Sample] = []
    late: list[float] = []
    collections: list[float] = []
    while (minute := (monotonic() - began) / 60) < minutes or len(samples) < 2:
        seconds = min(_EVERY, max(1.0, (minutes - minute) * 60))
        if collect:
            await asyncio.sleep(seconds)
        else:
            lag = await client.command(f"{COMPONENT}/lag", seconds=seconds)
            late += lag["late"]
            collections += lag["collections"]
        samples.append(await sample(collect=collect))
    tally = load.tally()
    print(
        f"{tally.frames:,} frames at {PACE:g} times the pace; the load was late by {tally.late * 1000:.0f} ms at worst"
    )
    if collect:
        return is_flat(samples)
    kept = await sample(collect=True)
    most = max(each.objects for each in samples)
    print(f"at most {most / kept.objects:.2f} times the objects that are kept (bound: {WAITING_BOUND:g})")
    tell_columns()
    tell_spread("the event loop is late by", sorted(late), None)
    tell_collections(collections)
    return most <= WAITING_BOUND * kept.objects
