"""A pile loses its power in a charge, and starts anew."""

from typing import Final

import pytest

from .site import PATIENCE, Site

pytestmark = pytest.mark.asyncio(loop_scope="package")

BILLED, UNBILLED = "32010994000001", "32010994000002"
CLOSING: Final = 90.0
"""Seconds in which an order of which nothing is heard is closed."""


async def test_a_pile_that_bills_what_was_cut_off(site: Site) -> None:
    """Its bill comes with the next login, and the gun charges again."""
    async with site.pile(BILLED) as pile, site.bystander_served():
        transaction = await site.start(pile)
        await pile.power_cycle()
        await pile.wait_for(lambda: pile.records.acknowledged, PATIENCE)
        gun = site.gun(pile)
        await gun.state("last_session_stop_reason", "aborted_pile_power_lost", seconds=PATIENCE)
        await site.start(pile)
        await site.stop(pile)
        assert site.stored(BILLED)[0].transaction == transaction
        await site.holds_what_was_billed(pile)


async def test_a_pile_that_forgot_its_charge(site: Site) -> None:
    """The order is closed with what had been reported; the gun charges again, and a bill that comes late counts once."""
    async with site.pile(UNBILLED) as pile, site.bystander_served():
        gun = site.gun(pile)
        await site.start(pile)
        pile.behaviour.no_record = True
        await gun.number("session_energy", lambda kwh: kwh > 1, PATIENCE)
        await pile.power_cycle()
        await pile.wait_ready(PATIENCE)
        (lost,) = pile.records.open.values()
        await gun.state(
            "last_session_stop_reason", lambda reason: reason in ("no_record", "idle_during_order"), seconds=CLOSING
        )
        reported = await gun.number("total_energy", lambda kwh: kwh > 1)
        assert reported <= float(lost.energy)
        assert site.stored(UNBILLED) == []
        assert await gun.number("last_session_energy", reported) == reported

        pile.behaviour.no_record = False
        pile.records.open.clear()
        await site.start(pile)
        energy = await site.stop(pile)
        await gun.number("total_energy", round(reported + float(energy), 4))
        pile.records.file(lost)
        await pile.wait_for(lambda: not pile.records.open, PATIENCE)
        await site.holds_what_was_billed(pile)
        (session,) = [
            session
            for session in (await site.act("get_sessions", gun, returns=True))["sessions"]
            if session["transaction"] == lost.transaction
        ]
        assert (session["state"], session["energy"]) == ("settled", float(lost.energy))
    assert site.unexpected() == []
