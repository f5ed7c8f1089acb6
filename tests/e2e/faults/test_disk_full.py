"""The disk of a whole Home Assistant takes nothing for a while, by a limit on the size of its files."""

from collections.abc import Iterator
from contextlib import contextmanager
import resource
from typing import Final

import pytest

from custom_components.ykc.protocol import TransactionAck
from demo.errors import Refused

from .site import PATIENCE, Site

pytestmark = pytest.mark.asyncio(loop_scope="package")

PILE: Final = "32010995000001"
LEDGER_ERRORS: Final = ("could not be stored", "cannot be written", "could not be written", "database or disk is full")


@contextmanager
def full_disk(site: Site) -> Iterator[None]:
    """Let no file of Home Assistant grow beyond the ledger's WAL."""
    pid = site.home.hass.child.pid
    wal = site.home.hass.folder / ".storage" / "ykc.ledger.db-wal"
    soft, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (wal.stat().st_size, hard))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (soft, hard))


async def test_no_bill_is_taken_that_is_not_on_the_disk(site: Site) -> None:
    """Neither a 0x40 nor a start goes out, and an issue says why; with room again everything comes in, once."""
    site.home.expected.extend(LEDGER_ERRORS)
    async with site.pile(PILE, guns=2) as pile, site.bystander_served():
        await site.start(pile)
        with full_disk(site):
            await pile.stop_locally(1)
            issue = await site.issue("ledger_failing", there=True)
            assert issue is not None
            assert "ykc.ledger.db" in issue["translation_placeholders"]["file"]
            await pile.wait_for(lambda: len(pile.records.open) == 1, PATIENCE)
            await pile.plug(2)
            await site.gun(pile, 2).state("status", "plugged", seconds=PATIENCE)
            with pytest.raises(Refused) as error:
                await site.act("start_charging", site.gun(pile, 2))
            assert error.value.translation_key == "ledger_failed"
            assert pile.all_received(TransactionAck) == []
            assert len(pile.records.open) == 1
            assert site.stored(PILE) == []
        await pile.wait_for(lambda: not pile.records.open, PATIENCE)
        await site.issue("ledger_failing", there=False)
        await site.start(pile, 2)
        await site.stop(pile, 2)
        await site.holds_what_was_billed(pile)
        assert len(site.stored(PILE)) == 2
    assert site.unexpected() == []
