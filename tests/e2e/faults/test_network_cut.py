"""The network is cut for a whole minute in the middle of a frame, and nobody is told."""

import asyncio
from contextlib import AsyncExitStack
from typing import Final

import pytest

from custom_components.ykc.protocol import Realtime, TransactionRecord

from .network import network
from .site import PATIENCE, Site, commands

pytestmark = pytest.mark.asyncio(loop_scope="package")

MINUTE: Final = 60.0
SILENCE: Final = 35.0
"""Seconds after which a pile that is not heard counts as away."""


async def test_a_minute_without_network(site: Site) -> None:
    """One pile's report and another one's bill are cut in two; the charge goes on, and the bill comes once."""
    # What was dialled during the cut logs in all at once when it ends, and each login takes the place of the one before.
    site.home.expected.extend(("sent bytes that are no frame", "Two machines take pile"))
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(site.bystander_served())
        ways = [await stack.enter_async_context(network(site.home.port)) for _ in range(2)]
        charging, ending = [
            await stack.enter_async_context(site.pile(f"3201099300000{n}", port=way.port, charge_speed=20.0))
            for n, way in enumerate(ways, 1)
        ]
        transaction, _ = await asyncio.gather(site.start(charging), site.start(ending))
        told = commands(charging)
        gun = site.gun(charging)
        seen = site.home.states.record(await gun.id("status"))
        totals = site.home.states.record(await gun.id("total_energy"))
        for way, frame_type in zip(ways, (Realtime.TYPE, TransactionRecord.TYPE), strict=True):
            way.cut_in_next(frame_type)
        await ending.stop_locally(1)
        for way in ways:
            async with asyncio.timeout(PATIENCE):
                await way.cut_in.wait()
        began = asyncio.get_running_loop().time()

        # The charge is shown until the silence is long enough to mean something.
        await site.whole(charging).state("connection", "off", "binary_sensor", SILENCE + 5)
        assert asyncio.get_running_loop().time() - began > SILENCE - 5
        await gun.state("status", "offline")
        kept = await gun.number("total_energy", lambda kwh: kwh > 0)
        assert seen == ["offline"]
        await asyncio.sleep(began + MINUTE - asyncio.get_running_loop().time())
        assert not ending.records.acknowledged
        for way in ways:
            way.mend()

        await site.whole(charging).state("connection", "on", "binary_sensor", PATIENCE)
        await gun.state("status", "charging")
        await gun.number("session_energy", lambda kwh: kwh > kept, PATIENCE)
        assert (commands(charging), charging.gun(1).charging) == (told, True)
        await ending.wait_for(lambda: ending.records.acknowledged, PATIENCE)
        await site.stop(charging)
        assert [bill.transaction for bill in site.stored(charging.code)] == [transaction]
        assert [float(total) for total in totals] == sorted(float(total) for total in totals)
        for pile in (charging, ending):
            await site.holds_what_was_billed(pile)
            assert site.stored(pile.code)
    assert site.unexpected() == []
