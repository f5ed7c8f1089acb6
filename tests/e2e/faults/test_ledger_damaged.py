"""The ledger's file is damaged: while Home Assistant does not run, and while it does."""

from typing import Final

import pytest

from .site import PATIENCE, Site

pytestmark = pytest.mark.asyncio(loop_scope="package")

PILE: Final = "32010996000001"


def spoil(site: Site) -> bytes:
    """Write rubbish over all but the beginning of the ledger; return what is in it then."""
    file = site.home.hass.folder / ".storage" / "ykc.ledger.db"
    data = file.read_bytes()
    with file.open("r+b") as ledger:
        ledger.seek(4096)
        ledger.write(b"\xa5" * (len(data) - 4096))
    return file.read_bytes()


def set_aside(site: Site) -> list[bytes]:
    """Return the files that were set aside, the last one last."""
    files = sorted((site.home.hass.folder / ".storage").glob("ykc.ledger.damaged-*Z.db"))
    return [file.read_bytes() for file in files]


async def test_a_charge_goes_on_without_its_ledger(site: Site) -> None:
    """The damaged file is kept as it was, an issue names it; the charge is known by its reports, and billed once."""
    site.home.expected.append("it was set aside as")
    async with site.pile(PILE) as pile:
        transaction = await site.start(pile)
        await site.home.hass.stop()
        damaged = spoil(site)
        await site.home.restart_after_kill()
        assert set_aside(site) == [damaged]
        issue = await site.issue("ledger_damaged", there=True)
        assert issue is not None
        await pile.come_back()
        await site.bystander.come_back()
        await site.bystander.wait_ready(PATIENCE)
        gun = site.gun(pile)
        await gun.state("status", "charging")
        assert pile.gun(1).charging
        async with site.bystander_served():
            await site.stop(pile)
        assert [bill.transaction for bill in site.stored(PILE)] == [transaction]
        await site.holds_what_was_billed(pile)
    assert site.unexpected() == []
