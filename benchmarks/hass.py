"""Measure the integration in a real Home Assistant: `scripts/bench hass`.

500 piles of two guns charge at three listeners (`charging_load.py`), each a config entry, since Home Assistant allows one
10,000 enabled entities. The floor is another Home Assistant of the same configuration, with as many empty entities,
where `hass.states.async_set` writes the states that the integration wrote, at the same moments. Exits with 1 when a
goal is missed.
"""

import argparse
import asyncio
from collections.abc import Awaitable
from contextlib import AsyncExitStack
from decimal import Decimal
from pathlib import Path
from statistics import median
import sys
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Final, NamedTuple

from benchmarks.charging import REPORT
from benchmarks.charging_load import GUNS, ChargingLoad, Mode, charging
from benchmarks.hass_house import COMPONENT, PREFIX, BenchHass, Kind, all_charge, codes, plan_of, shared_out
from benchmarks.hass_memory import watch_memory
from benchmarks.hass_start import contest_start
from benchmarks.process import cpu, raise_file_limit
from benchmarks.spread import LAG_GOAL, SHARE, at, tell_collections, tell_columns, tell_spread
from demo.client import Client, Json

LISTENERS: Final = 3
CPU_GOAL: Final = 2.0
"""The processor's time is at most so many times the floor's."""
DELAY_GOAL: Final = 0.100
SAMPLE: Final = 100
"""Guns that the client looks at."""
CALM: Final = 10.0
"""Seconds in which the loop is to keep to its goal before anything is measured."""
SETTLING: Final = 420.0
"""Seconds that it gets to come to that: after a start the recorder has much to write, also at the next full 5 minutes."""
PATIENCE: Final = 5.0
"""Seconds after which a state that has not come was lost."""
COMMIT: Final = 7.0
"""Seconds after which the recorder has written what it was given."""


class Running(NamedTuple):
    """A Home Assistant that runs."""

    hass: BenchHass
    client: Client


async def _delays(running: Running, load: ChargingLoad, seconds: float) -> list[float]:
    """Return the seconds from the last byte of reports to the states that a client on the websocket gets, in order."""
    every = max(1, len(codes_of(running)) * GUNS // SAMPLE)
    watched = [(code, gun) for code in codes_of(running) for gun in range(1, GUNS + 1)][::every]
    guns = {f"sensor.{code}_gun_{gun}_session_energy": (code, gun) for code, gun in watched}
    seen: dict[tuple[str, int, int], float] = {}

    def take(event: Json) -> None:
        now = monotonic()
        for entity_id, change in event.get("c", {}).items():
            if (state := change.get("+", {}).get("s")) is not None:
                seen[(*guns[entity_id], int(Decimal(state).scaleb(4)))] = now

    await running.client.subscribe(take, "subscribe_entities", entity_ids=[*guns])
    load.set(Mode.CHARGE, keeps_reports=True)
    await asyncio.sleep(seconds)
    reports = load.set(Mode.BEAT).reports
    await asyncio.sleep(PATIENCE)
    load.set(Mode.CHARGE)
    of_guns = [sent for sent in reports if (sent.pile, sent.gun) in guns.values()]
    # What has not come by now was lost, or overtaken by the next report.
    return sorted(seen.get((sent.pile, sent.gun, sent.units), float("inf")) - sent.at for sent in of_guns)


def codes_of(running: Running) -> list[str]:
    """Return the codes of its piles."""
    return sorted(code for names in running.hass.piles.values() for code in names)


async def _measure_delays(running: Running, load: ChargingLoad, seconds: float) -> bool:
    lag = await running.client.command(f"{COMPONENT}/lag", seconds=seconds)
    tell_columns()
    good = tell_spread("the event loop is late by", lag["late"], LAG_GOAL)
    tell_collections(lag["collections"])
    delays = await _delays(running, load, seconds)
    return tell_spread("from the last byte to the websocket", delays, DELAY_GOAL) and good


async def _measure_nothing_new(running: Running, load: ChargingLoad) -> bool:
    """Have all guns report twice what they reported already; tell whether nothing was written."""
    load.set(Mode.REPEAT)
    await asyncio.sleep(REPORT + 1)
    seconds = 2 * REPORT
    load.tally()
    counts = await running.client.command(f"{COMPONENT}/count", seconds=seconds, prefix=PREFIX)
    frames = load.set(Mode.CHARGE).frames
    print(
        f"{frames:,} frames that say nothing new: {counts['changed']} states changed, {counts['reported']} written again"
    )
    return not any(counts.values())


class _Round(NamedTuple):
    cpu: float
    """Seconds."""
    states: int
    """That the recorder wrote."""


async def _round(running: Running, load: ChargingLoad, work: Awaitable[object]) -> _Round:
    used, rows = cpu(running.hass.pid), running.hass.rows()
    await work
    used = cpu(running.hass.pid) - used
    load.set(Mode.BEAT)
    await asyncio.sleep(COMMIT)
    return _Round(used, running.hass.rows() - rows)


async def _measure_cpu(ykc: Running, floor: Running, load: ChargingLoad, rounds: int, seconds: float) -> bool:
    """Have the two Home Assistants take turns; tell whether the goal was reached."""
    file = str(floor.hass.folder / "written.json")
    await ykc.client.command(f"{COMPONENT}/record", seconds=seconds, prefix=PREFIX, file=file)
    await floor.client.command(f"{COMPONENT}/load", file=file)
    done: dict[Kind, list[_Round]] = {Kind.YKC: [], Kind.FLOOR: []}
    for number in range(rounds):
        load.set(Mode.CHARGE)
        done[Kind.YKC].append(await _round(ykc, load, asyncio.sleep(seconds)))
        play = floor.client.command(f"{COMPONENT}/play", shift=number, seconds=seconds)
        done[Kind.FLOOR].append(await _round(floor, load, play))
    lag, _ = await asyncio.gather(
        floor.client.command(f"{COMPONENT}/lag", seconds=seconds),
        floor.client.command(f"{COMPONENT}/play", shift=rounds, seconds=seconds),
    )
    tell_spread("the floor's loop is late by", lag["late"], None)
    tell_collections(lag["collections"])
    for kind, measured in done.items():
        used, states = median(r.cpu for r in measured), median(r.states for r in measured)
        print(f"{kind:6}{used:8.2f} s of CPU in {seconds:g} s, {states:8,.0f} states")
    ratio = median(
        (ours.cpu / ours.states) / (least.cpu / least.states)
        for ours, least in zip(done[Kind.YKC], done[Kind.FLOOR], strict=True)
    )
    print(f"the integration / the floor: {ratio:.2f}   goal: at most {CPU_GOAL:g}", flush=True)
    return ratio <= CPU_GOAL


async def _restarted(running: Running) -> Running:
    """Start a Home Assistant again."""
    await running.hass.stop()
    again = Running(running.hass, await running.hass.start())
    await again.hass.loaded(again.client)
    return again


async def _settle(running: Running) -> None:
    """Wait until the loop is as calm as it is to be, or will not be."""
    began = monotonic()
    while monotonic() - began < SETTLING:
        if at(SHARE, (await running.client.command(f"{COMPONENT}/lag", seconds=CALM))["late"]) < LAG_GOAL:
            break
    print(f"measured from {monotonic() - began:.0f} s after all guns charge", flush=True)


async def _measure(options: argparse.Namespace, folder: Path) -> bool:
    piles = shared_out(options.piles, LISTENERS)
    houses = {kind: BenchHass(folder / kind, kind=kind, piles=piles) for kind in Kind}
    good = []
    async with AsyncExitStack() as stack:
        for hass in houses.values():
            hass.folder.mkdir()
            await stack.enter_async_context(hass)
        ykc = Running(houses[Kind.YKC], await houses[Kind.YKC].start())
        await ykc.hass.furnish(ykc.client)
        await ykc.hass.loaded(ykc.client)
        plan = await plan_of(ykc.client, codes(1)[0])
        enabled = sum(entity[-1] for entity in plan)
        print(
            f"{options.piles} piles at {LISTENERS} listeners, each with {len(plan)} entities, {enabled} of them enabled",
            flush=True,
        )
        if options.hour is not None:
            ykc = await _restarted(ykc)
            with charging(piles) as load:
                load.set(Mode.CHARGE)
                await all_charge(ykc.client, options.piles * GUNS)
                return await watch_memory(ykc.hass.pid, ykc.client, load, options.hour, collect=not options.uncollected)
        floor = Running(houses[Kind.FLOOR], await houses[Kind.FLOOR].start())
        await floor.hass.furnish(floor.client, plan)
        await floor.hass.loaded(floor.client)
        # A first start leaves much to be written: registries, and what the recorder knows of each entity.
        ykc, floor = [await _restarted(running) for running in (ykc, floor)]
        if "load" in options.parts:
            with charging(piles) as load:
                load.set(Mode.CHARGE)
                await all_charge(ykc.client, options.piles * GUNS)
                await _settle(ykc)
                if options.profile is not None:
                    file = str(options.profile.resolve())
                    await ykc.client.command(f"{COMPONENT}/profile", seconds=options.seconds, file=file)
                    return True
                good.append(await _measure_delays(ykc, load, options.seconds))
                good.append(await _measure_nothing_new(ykc, load))
                good.append(await _measure_cpu(ykc, floor, load, options.rounds, options.seconds))
                _tell(load)
        if "start" in options.parts:
            for hass in (ykc.hass, floor.hass):
                await hass.stop()
            good.append(await contest_start(houses, options.rounds))
    print("goals:", "ok" if all(good) else "missed")
    return all(good)


def _tell(load: ChargingLoad) -> None:
    """Print what spoils a measurement."""
    tally = load.tally()
    print(f"the load was late by {tally.late * 1000:.0f} ms at worst", end="")
    print(f", and was sent what it does not expect: {tally.unexpected}" if tally.unexpected else "")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/bench hass", description="Measure the integration in a real Home Assistant."
    )
    parser.add_argument("parts", nargs="*", choices=("load", "start"), help="only these (all)")
    parser.add_argument("--piles", type=int, default=500, metavar="N", help="piles of two guns (500)")
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="in which the two take turns (5)")
    parser.add_argument("--seconds", type=float, default=60.0, metavar="N", help="that each round takes (60)")
    parser.add_argument(
        "--hour",
        type=float,
        nargs="?",
        const=60.0,
        metavar="MINUTES",
        help="watch memory for an hour at three times the pace, or for so many minutes, and nothing else",
    )
    parser.add_argument(
        "--uncollected", action="store_true", help="with --hour: have Python collect its garbage when it does"
    )
    parser.add_argument(
        "--profile", type=Path, metavar="FILE", help="profile a round of load into a file, and nothing else"
    )
    options = parser.parse_args()
    options.parts = options.parts or ["load", "start"]
    return options


def main() -> int:
    """Print the figures."""
    options = _options()
    raise_file_limit()
    with TemporaryDirectory() as folder:
        return 0 if asyncio.run(_measure(options, Path(folder))) else 1


if __name__ == "__main__":
    sys.exit(main())
