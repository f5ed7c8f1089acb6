"""The whole of it: the site lives, Home Assistant is restarted and killed, and in the end the books are compared."""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
import logging
from pathlib import Path
import random
from time import monotonic
from typing import Any, Final

from demo.client import Client
from demo.errors import Failed
from demo.ports import free_port
from demo.waiting import until

from . import ledger, views
from .books import Books
from .day import Day, Form, happens
from .fleet import PACE, Fleet, called
from .house import GaugedHass, House
from .log import judge
from .meters import Meters
from .misfortunes import befall, recover
from .office import Office
from .people import ParallelVisits, Visits
from .site import set_up
from .vitals import Run, grown

LEAST_PAUSE: Final = 1 / 24
"""Share of the time that Home Assistant has between two interruptions at least."""
EARLY: Final = 0.4
"""Share of the kills that are followed by one while it starts."""
SETTLING: Final = 180.0
LAST_WORDS: Final = 3.0
"""Seconds that Home Assistant has to write the last bills to its log and its files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What it came to."""

    form: Form
    seconds: float
    books: Books
    runs: Sequence[Run]
    diary: Counter[str]
    """What people did at the piles."""
    actions: Counter[str]
    """What became of what they did in Home Assistant."""
    ledger: dict[str, int]
    connections: int
    """How often lines were put through."""
    meter_changes: int
    last_moments: Sequence[Decimal]
    """KWh of a gun that were shown before a SIGKILL and not after it, until the pile reported again."""
    log: Counter[str]
    """Expected warnings, by their patterns."""
    findings: Sequence[str]
    """What must not be; nothing when all is well."""


async def play(form: Form, folder: Path, tell: Callable[[str], object]) -> Outcome:
    """Play it in a folder, which keeps the evidence; `tell` takes what happens, in words."""
    # That a killed Home Assistant cannot be written to is no news here.
    logging.getLogger("asyncio").setLevel(logging.ERROR)
    logging.getLogger("simulator").setLevel(logging.ERROR)
    port, day, diary = free_port(), Day(form.compression), Counter[str]()
    findings: list[str] = []
    async with called(form, port) as fleet, GaugedHass(folder) as hass:
        office = Office(fleet, day, form.chance("office"))
        house = House(hass, fleet, office, Meters(), tell=tell)
        await set_up(house, port)
        began = monotonic()
        await _live(form, house, [*_lives(form, fleet, day, office, diary)])
        tell("the time is over; everybody goes home")
        await office.finish()
        findings += await _settle(fleet, house)
        tell("settled; the books are compared")
        books = Books.of(fleet, office.tariffs)
        findings += books.problems(fleet)
        client = office.client
        assert client is not None
        findings += await views.compare(client, fleet, office, house.meters, books)
        await asyncio.sleep(LAST_WORDS)
        await house.stop()
        seconds = monotonic() - began
        findings += ledger.compare(folder, books, office.top_ups)
        log, said = judge(folder / "output.log")
        findings += said
        findings += grown(house.runs, len(fleet.piles), len(office.ids))
        findings += [*house.meters.lowered, *office.strange, *house.findings, *_firmware(fleet)]
        return Outcome(
            form=form,
            seconds=seconds,
            books=books,
            runs=house.runs,
            diary=diary,
            actions=office.outcomes,
            ledger=ledger.counts(folder),
            connections=sum({id(pile.line): pile.line.connections for pile in fleet.piles}.values()),
            meter_changes=house.meters.changes,
            last_moments=house.meters.last_moments,
            log=log,
            findings=findings,
        )


def _lives(
    form: Form, fleet: Fleet, day: Day, office: Office, diary: Counter[str]
) -> Iterator[Coroutine[Any, Any, None]]:
    """Yield what everybody does for ever."""
    for station in fleet.stations:
        code = station.pile.code
        for gun in station.guns:
            yield Visits(station, gun, day, office, form.chance(code, gun), diary).go_on()
        if station.parallel:
            yield ParallelVisits(station, day, office, form.chance(code, "parallel"), diary).go_on()
        yield befall(station, day, form.chance(code, "misfortunes"))
    yield office.change_prices()
    yield office.top_up()
    yield office.look()


async def _live(form: Form, house: House, lives: Sequence[Coroutine[Any, Any, None]]) -> None:
    """Let the site live until the time is over, whatever happens to Home Assistant meanwhile."""
    interruptions = asyncio.create_task(_interrupt(form, house))
    tasks = [interruptions, *map(asyncio.create_task, lives)]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
    for error in ended:
        if isinstance(error, BaseException) and not isinstance(error, asyncio.CancelledError):
            raise error
    house.fleet.check()


async def _interrupt(form: Form, house: House) -> None:
    """Restart and kill Home Assistant at random moments, until the time is over."""
    chance = form.chance("interruptions")
    began, length = monotonic(), form.minutes * 60
    kinds = ["restart"] * form.restarts + ["kill"] * form.kills
    chance.shuffle(kinds)
    for moment, kind in zip(_moments(chance, len(kinds)), kinds, strict=True):
        await asyncio.sleep(began + moment * length - monotonic())
        if kind == "restart":
            await house.restart()
        else:
            await house.kill(chance, while_starting=chance.random() < EARLY)
    await asyncio.sleep(began + length - monotonic())


def _moments(chance: random.Random, count: int) -> list[float]:
    """Return random moments of a time of length 1, none too close to another or to an end."""
    free = 1 - (count + 1) * LEAST_PAUSE
    drawn = sorted(chance.uniform(0, free) for _ in range(count))
    return [moment + (place + 1) * LEAST_PAUSE for place, moment in enumerate(drawn)]


async def _settle(fleet: Fleet, house: House) -> list[str]:
    """Let everybody go home, every link come back and every bill arrive."""
    for station in fleet.stations:
        pile = station.pile
        recover(station)
        pile.clock.pace = PACE
        await pile.come_back()
        for gun in station.guns:
            await pile.stop_locally(gun)
            await pile.unplug(gun)
            await pile.clear_fault(gun)
    if not await happens(lambda: fleet.settled, SETTLING):
        return [
            f"it does not settle: {pile!r}, {len(pile.records.open)} bills"
            for pile in fleet.piles
            if not (pile.ready and pile.idle) or pile.records.open
        ]
    client = house.office.client
    assert client is not None
    try:
        # What was started and never began is closed when its deadline is over.
        await until("every gun is idle and every order closed", partial(_at_rest, client, house.office), SETTLING)
    except Failed as failed:
        return [str(failed)]
    return []


async def _at_rest(client: Client, office: Office) -> bool | None:
    """Tell whether Home Assistant knows of no charge that is under way, or whose bill it waits for."""
    guns = {*office.ids.values()}
    statuses = {state["state"] for state in await client.command("get_states") if state["entity_id"] in guns}
    sessions = (await client.call("ykc.get_sessions", returns=True, limit=1000))["sessions"]
    return (statuses == {"idle"} and all(session["state"] != "open" for session in sessions)) or None


def _firmware(fleet: Fleet) -> Iterator[str]:
    """Yield what a strict firmware would have had to say."""
    for station in fleet.stations:
        pile = station.pile
        for complaint in pile.complaints:
            if "that nobody waits for" not in complaint:
                # A driver may have walked away before the answer came.
                yield f"{pile.code} complains: {complaint}"
        if pile.overlaps and not station.parallel:
            yield f"{pile.code} got {pile.overlaps} commands while another one waited for its reply"
