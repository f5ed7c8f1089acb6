"""Home Assistant ends while 100 guns charge, in good order and by SIGKILL: no car and no bill notices."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from decimal import Decimal
from functools import partial
from typing import Final

import pytest
import pytest_asyncio

from custom_components.ykc.protocol import Realtime, RemoteStart
from demo.waiting import until
from simulator import Vehicle, VirtualPile

from .site import CAR, Site, commands

pytestmark = pytest.mark.asyncio(loop_scope="package")

PILES: Final = 50
GUNS: Final = (1, 2)
PATIENCE: Final = 90.0
SPEED: Final = 30.0


@pytest_asyncio.fixture(scope="module", loop_scope="package")
async def piles(site: Site) -> AsyncIterator[list[VirtualPile]]:
    """Let all guns charge."""
    async with AsyncExitStack() as stack:
        codes = [f"320109910000{number:02}" for number in range(PILES)]
        piles = await asyncio.gather(
            *(
                stack.enter_async_context(site.pile(code, guns=len(GUNS), pace=4.0, charge_speed=SPEED))
                for code in codes
            )
        )
        for pile in piles:
            for gun in GUNS:
                await pile.plug(gun, Vehicle(capacity=CAR))
        guns = [site.gun(pile, gun) for pile in piles for gun in GUNS]
        for place in guns:
            await place.state("status", "plugged", seconds=PATIENCE)
        answers = (await site.act("start_charging", *guns, returns=True))["guns"]
        assert [answer["outcome"] for answer in answers] == ["started"] * len(guns)
        await all_charge(site, piles, GUNS)
        yield piles


async def all_charge(site: Site, piles: list[VirtualPile], guns: Sequence[int]) -> None:
    """Wait until Home Assistant shows that guns charge, with what their piles reported last."""
    await dial(piles)
    for pile in piles:
        await site.whole(pile).state("connection", "on", "binary_sensor", PATIENCE)
        for number in guns:
            gun = site.gun(pile, number)
            await gun.state("status", "charging", seconds=PATIENCE)
            await gun.state("charging", "on", "switch", PATIENCE)
            await gun.number("power", lambda kw: kw > 0, PATIENCE)
            await gun.number("session_energy", partial(is_reported, pile, number), PATIENCE)


def is_reported(pile: VirtualPile, number: int, kwh: float) -> bool:
    """Tell whether an energy is what a gun reported last."""
    reports = (report for report in reversed(pile.all_sent(Realtime)) if int(report.gun) == number)
    return kwh == float(next(reports).energy) > 0


async def dial(piles: list[VirtualPile]) -> None:
    """Let all piles without a connection dial now, not within half a minute."""
    for pile in piles:
        await pile.come_back()


async def test_a_restart_in_good_order(site: Site, piles: list[VirtualPile]) -> None:
    """Each session is taken up again with its number and its energy; no pile is told anything about it."""
    charges = [pile.gun(gun).charge for pile in piles for gun in GUNS]
    told = [commands(pile) for pile in piles]
    before = await totals(site, piles)
    await site.home.restart()
    await all_charge(site, piles, GUNS)
    assert [pile.gun(gun).charge for pile in piles for gun in GUNS] == charges
    assert [commands(pile) for pile in piles] == told
    assert all(was <= now for was, now in zip(before, await totals(site, piles), strict=True))
    assert site.unexpected() == []


async def test_a_kill_while_half_of_the_charges_end(site: Site, piles: list[VirtualPile]) -> None:
    """The others go on as before; then they end too, and every bill is there once."""
    started = {start.transaction for pile in piles for start in pile.all_received(RemoteStart)}
    told = [commands(pile) for pile in piles]
    before = await totals(site, piles)
    await site.home.hass.kill()
    for pile in piles:
        await pile.stop_locally(GUNS[0])
    await site.home.restart_after_kill()
    await all_charge(site, piles, GUNS[1:])

    async def are_back() -> bool | None:
        """Tell whether no total is less than it was: what was reported in the moment of the kill comes again."""
        return all(was <= now for was, now in zip(before, await totals(site, piles), strict=True)) or None

    await until("the totals are what they were", are_back, PATIENCE)
    assert [commands(pile) for pile in piles] == told
    for pile in piles:
        await pile.stop_locally(GUNS[1])
    for pile in piles:
        await pile.wait_for(partial(has_its_bills, pile), PATIENCE)
        await site.holds_what_was_billed(pile)
        for record in pile.records.acknowledged:
            gun = site.gun(pile, int(record.gun))
            await gun.number("last_session_energy", float(record.energy))
            await gun.state("last_session_stop_reason", "stopped_manually")
            await gun.state("status", "finished")
    bills = [record for pile in piles for record in pile.records.acknowledged]
    assert {bill.transaction for bill in bills} == started
    guns = [site.gun(pile, gun) for pile in piles for gun in GUNS]
    months = (await site.act("get_totals", *guns, returns=True))["totals"]
    assert sum(month["sessions"] for month in months) == PILES * len(GUNS)
    assert round(sum(month["energy"] for month in months), 4) == float(sum((b.energy for b in bills), Decimal(0)))
    assert site.unexpected() == []


async def totals(site: Site, piles: list[VirtualPile]) -> list[float]:
    """Return the total energies of all guns."""
    return [await site.gun(pile, gun).number("total_energy", lambda _: True) for pile in piles for gun in GUNS]


def has_its_bills(pile: VirtualPile) -> bool:
    """Tell whether both guns' bills are acknowledged."""
    return len(pile.records.acknowledged) == len(GUNS)
