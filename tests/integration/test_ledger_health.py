"""A disk that takes nothing: no bill is acknowledged, a person is told, and all of it ends by itself."""

from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.ykc.const import DOMAIN
from custom_components.ykc.ledger import ISSUE_FAILING, shared_ledger
from custom_components.ykc.server import ledger_health
from custom_components.ykc.server.ledger import LedgerError
from simulator import VirtualPile

from .conftest import entity_id, state, wait_for


def is_told(hass: HomeAssistant) -> bool:
    """Tell whether a person is told that the ledger cannot be written."""
    return ir.async_get(hass).async_get_issue(DOMAIN, ISSUE_FAILING) is not None


async def set_writable(hass: HomeAssistant, *, writable: bool) -> None:
    """Let the ledger's file be written, or not."""
    async with shared_ledger(hass) as ledger:
        db = ledger._file._db
        await ledger._run(lambda: db.execute(f"PRAGMA query_only = {'OFF' if writable else 'ON'}"))


async def fail(hass: HomeAssistant) -> None:
    """Write in vain."""
    await set_writable(hass, writable=False)
    async with shared_ledger(hass) as ledger:
        with pytest.raises(LedgerError):
            await ledger.draw_counter(1)
    assert is_told(hass)


async def test_a_bill_while_the_disk_takes_nothing(
    hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pile keeps its bill and repeats it; when the disk is well again it is taken."""
    monkeypatch.setattr(ledger_health, "LEDGER_PROBE", 0.1)
    await pile.plug(1)
    target = {"entity_id": entity_id(hass, "switch", "charging", gun=1)}
    await hass.services.async_call("switch", "turn_on", target, blocking=True)
    await pile.wait_for(lambda: pile.gun(1).charging)
    await set_writable(hass, writable=False)
    await pile.stop_locally(1)
    await wait_for(lambda: is_told(hass))
    await pile.wait_for(lambda: pile.gun(1).charge is None)
    assert pile.records.open
    assert not pile.records.acknowledged
    await set_writable(hass, writable=True)
    await wait_for(lambda: not is_told(hass))
    await pile.wait_for(lambda: not pile.records.open)
    assert len(pile.records.acknowledged) == 1
    await wait_for(lambda: state(hass, "sensor", "last_session_stop_reason", gun=1) == "stopped_manually")


async def test_it_ends_without_a_word_from_a_pile(
    hass: HomeAssistant, site: MockConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody has to charge for the issue to go away; it goes with the listener, too."""
    monkeypatch.setattr(ledger_health, "LEDGER_PROBE", 0.02)
    await fail(hass)
    await set_writable(hass, writable=True)
    await wait_for(lambda: not is_told(hass))
    await fail(hass)
    assert await hass.config_entries.async_unload(site.entry_id)
    assert not is_told(hass)
