"""What the integration adds to a start of Home Assistant after the first, against as many empty entities."""

from collections.abc import Mapping
from statistics import median
from typing import Final, NamedTuple

from benchmarks.hass_house import COMPONENT, BenchHass, Kind

GOAL: Final = 1.5
"""It takes at most so many times as long as the empty entities."""


class _Start(NamedTuple):
    """Seconds until Home Assistant has started."""

    wall: float
    cpu: float


async def _start(hass: BenchHass) -> _Start:
    client = await hass.start()
    await hass.loaded(client)
    took = await client.command(f"{COMPONENT}/started")
    await hass.stop()
    return _Start(took["wall"], took["cpu"])


async def contest_start(houses: Mapping[Kind, BenchHass], rounds: int) -> bool:
    """Start each of them so often, in turns; tell whether the goal was reached."""
    # The one that has neither was not there yet; a first start is another matter.
    await _start(houses[Kind.EMPTY])
    starts: dict[Kind, list[_Start]] = {kind: [] for kind in Kind}
    for _ in range(rounds):
        for kind, hass in houses.items():
            starts[kind].append(await _start(hass))
    medians = {kind: _Start(*map(median, zip(*took, strict=True))) for kind, took in starts.items()}
    for kind, took in medians.items():
        print(f"start with {kind:6}{took.wall:8.2f} s, {took.cpu:8.2f} s of CPU")
    empty, floor, ykc = (medians[kind] for kind in (Kind.EMPTY, Kind.FLOOR, Kind.YKC))
    wall = (ykc.wall - empty.wall) / (floor.wall - empty.wall)
    cpu = (ykc.cpu - empty.cpu) / (floor.cpu - empty.cpu)
    print(
        f"what the integration adds / the empty entities: {wall:.2f}, of CPU {cpu:.2f}   goal: at most {GOAL:g}",
        flush=True,
    )
    return wall <= GOAL
