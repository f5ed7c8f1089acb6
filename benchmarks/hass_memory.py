"""Whether a Home Assistant stays as large as it is while piles charge at three times the pace."""

import asyncio
from time import monotonic
from typing import Final

from benchmarks.charging_load import ChargingLoad, Mode
from benchmarks.flat import Sample, is_flat, tell
from benchmarks.hass_house import COMPONENT
from benchmarks.process import descriptors, memory
from demo.client import Client

PACE: Final = 3.0
WAITING_BOUND: Final = 10.0
"""Percent of the objects that may be garbage of which Python has not looked for any yet."""
_EVERY: Final = 60.0


async def watch_memory(pid: int, client: Client, load: ChargingLoad, minutes: float, *, collect: bool) -> bool:
    """Print a sample each minute; tell whether the second half was flat.

    With `collect` all garbage is collected before each sample, so that what is left is what is kept. Without, Python
    collects when it does, and in the end little must have waited for that.
    """
    load.set(Mode.CHARGE, PACE)
    began = monotonic()

    async def sample(*, collect: bool) -> Sample:
        objects = await client.command(f"{COMPONENT}/objects", collect=collect)
        taken = Sample((monotonic() - began) / 60, memory(pid), objects, descriptors(pid))
        tell(taken)
        return taken

    samples: list[Sample] = []
    while (minute := (monotonic() - began) / 60) < minutes or len(samples) < 2:
        await asyncio.sleep(min(_EVERY, max(1.0, (minutes - minute) * 60)))
        samples.append(await sample(collect=collect))
    is_good = True
    if not collect:
        kept = await sample(collect=True)
        waiting = (samples[-1].objects - kept.objects) / kept.objects * 100
        print(f"garbage that waited: {waiting:+.2f} % of the objects (bound: {WAITING_BOUND:g} %)")
        is_good = waiting <= WAITING_BOUND
    tally = load.tally()
    print(
        f"{tally.frames:,} frames at {PACE:g} times the pace; the load was late by {tally.late * 1000:.0f} ms at worst"
    )
    return is_flat(samples) and is_good
