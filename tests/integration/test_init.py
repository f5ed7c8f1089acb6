"""A listener is set up and hung up, and nothing of it stays."""

import asyncio
from pathlib import Path
import socket
from unittest.mock import patch

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_PORT, EVENT_HOMEASSISTANT_STOP
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.ykc.const import CONF_GUN_COUNT
from custom_components.ykc.ledger import LEDGER_FILE
from custom_components.ykc.server.ledger import LedgerError
from custom_components.ykc.server.state import PileInfo
from custom_components.ykc.subentry import new_pile, piles
from simulator import VirtualPile

from .conftest import AC_PILE, DC_PILE, MakePile, is_loaded, listener_entry, set_up, state, wait_for


def bind(port: int) -> None:
    """Take a port, as another program would."""
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", port))
        taken.listen()


async def test_unload(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """The port is free at once, the pile is hung up on, and what was there is unavailable."""
    assert await hass.config_entries.async_unload(site.entry_id)
    assert site.state is ConfigEntryState.NOT_LOADED
    bind(site.data[CONF_PORT])
    await wait_for(lambda: not pile.online)
    assert state(hass, "binary_sensor", "connection") == "unavailable"


async def test_platforms_that_stay(hass: HomeAssistant, port: int) -> None:
    """A listener whose entities could not be unloaded goes on listening for them."""
    entry = await set_up(hass, listener_entry(port))
    with patch.object(hass.config_entries, "async_unload_platforms", return_value=False):
        assert not await hass.config_entries.async_unload(entry.entry_id)
    with pytest.raises(OSError):
        bind(port)
    await entry.runtime_data.async_close()
    bind(port)


async def test_reload(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """After a reload the pile comes back by itself."""
    assert await hass.config_entries.async_reload(site.entry_id)
    await wait_for(lambda: state(hass, "binary_sensor", "connection") == "on")


async def test_stop(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """Home Assistant's stop closes the piles' connections; entries are not unloaded then."""
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    await hass.async_block_till_done()
    await wait_for(lambda: not pile.online)
    bind(site.data[CONF_PORT])
    # What changes now comes too late.
    hass.config_entries.async_update_entry(site, options={"approve_automatically": True})
    await hass.async_block_till_done()


async def test_ledger_cannot_be_opened(hass: HomeAssistant, port: int) -> None:
    """Without a ledger nobody is listened to; it is tried again."""
    entry = listener_entry(port, PileInfo(code=DC_PILE))
    entry.add_to_hass(hass)
    path = Path(hass.config.path(".storage", LEDGER_FILE))
    await asyncio.to_thread(path.mkdir, parents=True)
    assert not await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert entry.error_reason_translation_key == "ledger_failed"
    bind(port)

    await asyncio.to_thread(path.rmdir)
    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert state(hass, "sensor", "status", gun=1) == "offline"
    assert await asyncio.to_thread(path.is_file)
    assert await hass.config_entries.async_unload(entry.entry_id)


async def test_port_is_taken(hass: HomeAssistant, port: int) -> None:
    """A port that is taken is tried again, and the ledger is let go meanwhile."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        entry = listener_entry(port, PileInfo(code=DC_PILE))
        entry.add_to_hass(hass)
        assert not await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert entry.error_reason_translation_key == "port_in_use"
    assert entry.error_reason_translation_placeholders == {"host": "127.0.0.1", "port": str(port)}
    assert await hass.config_entries.async_reload(entry.entry_id)
    assert is_loaded(entry)
    assert await hass.config_entries.async_unload(entry.entry_id)


async def test_ledger_fails_later(hass: HomeAssistant, site: MockConfigEntry, caplog: pytest.LogCaptureFixture) -> None:
    """A pile that cannot be taken up for want of a ledger is taken up once there is one."""
    with patch.object(site.runtime_data._listener.ledger, "load_all", side_effect=LedgerError("full")):
        hass.config_entries.async_add_subentry(site, new_pile(PileInfo(code="32010200000077")))
        await hass.async_block_till_done()
    assert "The ledger failed" in caplog.text
    assert is_loaded(site)
    assert state(hass, "sensor", "status", code="32010200000077", gun=1) == "offline"


async def test_login_during_setup(hass: HomeAssistant, port: int, make_pile: MakePile) -> None:
    """A pile that calls at once, and says of itself what was not known, is taken as it is."""
    pile = await make_pile(DC_PILE, guns=2, ready=False)
    entry = await set_up(hass, listener_entry(port, PileInfo(code=DC_PILE, gun_count=1)))
    await pile.wait_ready()
    (subentry,) = piles(entry)
    await wait_for(lambda: subentry.data[CONF_GUN_COUNT] == 2)
    await hass.async_block_till_done()
    await wait_for(lambda: state(hass, "sensor", "status", gun=2) == "idle")
    assert await hass.config_entries.async_unload(entry.entry_id)


async def test_login_of_a_pile_that_is_being_removed(
    hass: HomeAssistant, site: MockConfigEntry, make_pile: MakePile
) -> None:
    """A login between the removal of a pile and its end changes nothing."""
    await make_pile(AC_PILE, pile_type="ac", guns=1)
    (subentry,) = [pile for pile in piles(site) if pile.unique_id == AC_PILE]
    coordinator = site.runtime_data.piles[subentry.subentry_id]
    hass.config_entries.async_remove_subentry(site, subentry.subentry_id)
    coordinator.data = coordinator.data.__class__(info=PileInfo(code=AC_PILE, gun_count=9))
    coordinator._handle_state()
    await hass.async_block_till_done()
    assert [pile.unique_id for pile in piles(site)] == [DC_PILE]


async def test_removed_while_it_is_added(hass: HomeAssistant, site: MockConfigEntry) -> None:
    """A pile that is removed while the ledger is asked about it leaves nothing behind."""
    subentry = new_pile(PileInfo(code="32010200000077"))
    hass.config_entries.async_add_subentry(site, subentry)
    await asyncio.sleep(0)
    hass.config_entries.async_remove_subentry(site, subentry.subentry_id)
    await hass.async_block_till_done()
    assert "32010200000077" not in site.runtime_data._listener.piles
    assert subentry.subentry_id not in site.runtime_data.piles
    assert dr.async_get(hass).async_get_device_by_identifier(("ykc", "32010200000077"), site.entry_id) is None


async def test_what_cannot_be_shown(
    hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile, caplog: pytest.LogCaptureFixture
) -> None:
    """The fault of one entity is none of the others', is a line in the log at times, and its text is private."""
    (coordinator,) = (each for each in site.runtime_data.piles.values() if each.pile.code == DC_PILE)
    vin, calls = "LSVAM4187C2184847", 0

    def fails() -> None:
        nonlocal calls
        calls += 1
        raise ValueError(vin)

    remove = coordinator.async_add_listener(fails, 1)
    for _ in range(3):
        coordinator.async_update_listeners()
    remove()
    assert calls == 3
    assert caplog.text.count("could not be shown") == 1
    assert vin not in caplog.text
    assert site.runtime_data.listener.trouble.counts["fault"] == 3
