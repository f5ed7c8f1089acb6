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
_EVERY: Final = 60.0


async def watch_memory(pid: int, client: Client, load: ChargingLoad, minutes: float) -> bool:
    """Print a sample each minute; tell whether the second half was flat."""
    load.set(Mode.CHARGE, PACE)
    began = monotonic()
    samples: list[Sample] = []
    while (minute := (monotonic() - began) / 60) < minutes or len(samples) < 2:
        await asyncio.sleep(min(_EVERY, max(1.0, (minutes - minute) * 60)))
        objects = await client.command(f"{COMPONENT}/objects")
        samples.append(Sample((monotonic() - began) / 60, memory(pid), objects, descriptors(pid)))
        tell(samples[-1])
    tally = load.tally()
    print(
        f"{tally.frames:,} frames at {PACE:g} times the pace; the load was late by {tally.late * 1000:.0f} ms at worst"
    )
    return is_flat(samples)
