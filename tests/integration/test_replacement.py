"""New hardware in an old pile's place: another code, and all else goes on."""

from typing import Any
from unittest.mock import patch

from homeassistant.components.recorder import Recorder
from homeassistant.config_entries import SOURCE_RECONFIGURE, ConfigSubentry, SubentryFlowResult
from homeassistant.const import CONF_NAME
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import device_registry as dr, entity_registry as er
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.ykc.const import (
    CONF_BILLING_MODEL,
    CONF_CODE,
    CONF_MESSAGE_PILES,
    CONF_PILES,
    CONF_REPLACED_CODE,
    CONF_SOFTWARE_VERSION,
    DOMAIN,
    SUBENTRY_TYPE_PILE,
)
from custom_components.ykc.driver import drivers
from custom_components.ykc.ledger import shared_ledger
from custom_components.ykc.options import CONF_NUMBER, DEFAULT_BILLING_MODEL
from custom_components.ykc.server.ledger import Ledger, LedgerError
from custom_components.ykc.server.state import PileInfo
from custom_components.ykc.subentry import new_pile, piles
from simulator import VirtualPile

from .conftest import (
    AC_PILE,
    DC_PILE,
    MakePile,
    device_id,
    entity_id,
    is_loaded,
    listener_entry,
    set_up,
    state,
    wait_for,
)
from .test_drivers import CARD, add
from .test_sessions import found, store
from .test_statistics import ENERGY, rows, written

NEW = "32010200000009"
NEW_ENERGY = ENERGY.replace(DC_PILE, NEW)


def stored(site: MockConfigEntry, code: str = DC_PILE) -> ConfigSubentry:
    """Return a pile as it is stored."""
    return next(pile for pile in piles(site) if pile.unique_id == code)


async def replace(
    hass: HomeAssistant, site: MockConfigEntry, code: str, old: str = DC_PILE, **values: Any
) -> SubentryFlowResult:
    """Give a pile another code."""
    pile = stored(site, old)
    result = await hass.config_entries.subentries.async_init(
        (site.entry_id, SUBENTRY_TYPE_PILE),
        context={"source": SOURCE_RECONFIGURE, "subentry_id": pile.subentry_id},
    )
    assert result["step_id"] == "reconfigure"
    result = await hass.config_entries.subentries.async_configure(
        result["flow_id"], {CONF_NAME: pile.title, CONF_CODE: code} | values
    )
    await hass.async_block_till_done()
    return result


def registered(hass: HomeAssistant, site: MockConfigEntry, code: str) -> dict[str, str]:
    """Return the entities of a pile: by what their unique id says behind the code."""
    entities = er.async_entries_for_config_entry(er.async_get(hass), site.entry_id)
    return {
        entity.unique_id.removeprefix(code): entity.entity_id
        for entity in entities
        if entity.unique_id.startswith(f"{code}_")
    }


async def test_everything_goes_on(
    hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile, make_pile: MakePile
) -> None:
    """Devices, entity ids, totals, sessions and what was chosen are those of before; the old pile is a stranger."""
    await store(hass, 1)
    await add(hass, site, card=CARD, piles=[DC_PILE, AC_PILE])
    hass.config_entries.async_update_entry(site, options={**site.options, CONF_MESSAGE_PILES: [DC_PILE]})
    entities = registered(hass, site, DC_PILE)
    devices = [device_id(hass, site), device_id(hass, site, gun=1), device_id(hass, site, gun=2)]
    er.async_get(hass).async_update_entity(entity_id(hass, "sensor", "power", gun=1), new_entity_id="sensor.mine")

    result = await replace(hass, site, NEW)
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "reconfigure_successful"
    await wait_for(lambda: is_loaded(site))
    entities["_1_power"] = "sensor.mine"
    assert registered(hass, site, NEW) == entities
    assert registered(hass, site, DC_PILE) == {}
    assert [device_id(hass, site, NEW, gun) for gun in (None, 1, 2)] == devices
    device = dr.async_get(hass).async_get(devices[0])
    assert isinstance(device, dr.DeviceEntry)
    assert (device.serial_number, device.name) == (NEW, NEW)
    assert len(dr.async_entries_for_config_entry(dr.async_get(hass), site.entry_id)) == 2
    assert state(hass, "sensor", "total_energy", code=NEW, gun=1) == "2.0001"
    assert await found(hass, device_id=devices[0]) == [1]
    assert drivers(site)[0].data[CONF_PILES] == [NEW, AC_PILE]
    assert site.options[CONF_MESSAGE_PILES] == [NEW]
    # The old one calls, and is no longer approved; the new one is.
    await wait_for(lambda: DC_PILE in site.runtime_data.discovery.waiting)
    await make_pile(NEW, guns=2)
    await wait_for(lambda: state(hass, "sensor", "power", code=NEW, gun=1) is not None)
    await wait_for(lambda: state(hass, "sensor", "status", code=NEW, gun=1) == "idle")


async def test_one_that_calls(hass: HomeAssistant, site: MockConfigEntry, make_pile: MakePile) -> None:
    """A pile that waits for approval may be chosen; it has said what it is, and its card goes away."""
    await make_pile(NEW, guns=3, ready=False)
    await wait_for(lambda: NEW in site.runtime_data.discovery.waiting)
    await replace(hass, site, NEW, name="Yard")
    await wait_for(lambda: is_loaded(site))
    known = stored(site, NEW)
    assert (known.title, known.data["gun_count"]) == ("Yard", 3)
    assert known.data[CONF_SOFTWARE_VERSION] is not None
    assert entity_id(hass, "sensor", "power", code=NEW, gun=3)
    assert hass.config_entries.flow.async_progress_by_handler(DOMAIN) == []


async def test_codes_that_cannot_be(hass: HomeAssistant, site: MockConfigEntry) -> None:
    """The form says why, keeps what was typed, and takes a right one then."""
    await store(hass, 1, code=NEW)
    pile = stored(site)
    for code, error in (("123", "invalid_code"), (AC_PILE, "already_configured"), (NEW, "code_has_sessions")):
        result = await replace(hass, site, code)
        assert result["errors"] == {CONF_CODE: error}
    with patch.object(Ledger, "may_replace", side_effect=LedgerError("gone")):
        result = await replace(hass, site, "3201020000000A")
    assert result["errors"] == {"base": "ledger_failed"}
    assert (pile.unique_id, CONF_REPLACED_CODE in pile.data) == (DC_PILE, False)
    await hass.config_entries.subentries.async_configure(
        result["flow_id"], {CONF_NAME: "Yard", CONF_CODE: " 3201020000000A "}
    )
    await hass.async_block_till_done()
    assert (pile.unique_id, pile.title) == ("3201020000000a", "Yard")
    await wait_for(lambda: is_loaded(site))


async def test_registries_that_were_not_stored_in_time(hass: HomeAssistant, site: MockConfigEntry) -> None:
    """A process that ends right after the change does it again; only a later start calls it done."""
    await store(hass, 1)
    power = entity_id(hass, "sensor", "power", gun=1)
    await replace(hass, site, NEW)
    await wait_for(lambda: is_loaded(site))
    assert stored(site, NEW).data[CONF_REPLACED_CODE] == DC_PILE
    assert await hass.config_entries.async_unload(site.entry_id)
    registry = er.async_get(hass)
    registry.async_update_entity(power, new_unique_id=f"{DC_PILE}_1_power")
    assert await hass.config_entries.async_setup(site.entry_id)
    assert entity_id(hass, "sensor", "power", code=NEW, gun=1) == power
    assert stored(site, NEW).data[CONF_REPLACED_CODE] == DC_PILE
    assert await hass.config_entries.async_reload(site.entry_id)
    assert CONF_REPLACED_CODE not in stored(site, NEW).data
    assert state(hass, "sensor", "total_energy", code=NEW, gun=1) == "2.0001"


async def test_a_pile_that_charged_in_that_moment(hass: HomeAssistant, site: MockConfigEntry) -> None:
    """What the form could not see is seen by the ledger: the pile stays what it was."""
    await store(hass, 1)
    await store(hass, 2, code=NEW)
    with patch.object(Ledger, "may_replace", return_value=True):
        await replace(hass, site, NEW)
    await wait_for(lambda: is_loaded(site) and stored(site).unique_id == DC_PILE)
    assert CONF_REPLACED_CODE not in stored(site).data
    assert state(hass, "sensor", "total_energy", gun=1) == "2.0001"


async def test_twice_while_the_listener_is_down(hass: HomeAssistant, port: int) -> None:
    """The ledger goes from the code that it knows to the last one that was typed."""
    entry = await set_up(hass, listener_entry(port))
    assert await hass.config_entries.async_unload(entry.entry_id)
    hass.config_entries.async_add_subentry(entry, new_pile(PileInfo(code=DC_PILE)))
    await store(hass, 1)
    await replace(hass, entry, AC_PILE)
    await replace(hass, entry, NEW, AC_PILE)
    assert await hass.config_entries.async_setup(entry.entry_id)
    assert state(hass, "sensor", "total_energy", code=NEW, gun=1) == "2.0001"
    await hass.config_entries.async_unload(entry.entry_id)


async def test_statistics_follow(recorder_mock: Recorder, hass: HomeAssistant, site: MockConfigEntry) -> None:
    """The sums of the sessions have the new code, and the old id is gone; also where another listener runs."""
    await store(hass, 1)
    await written(hass)
    before = await rows(hass)
    assert len(before) == 1
    async with shared_ledger(hass) as ledger:
        # As another listener would, this keeps the ledger open over the reload.
        await replace(hass, site, NEW)
        await wait_for(lambda: is_loaded(site))
        while await ledger.read(lambda reader: reader.unmoved_codes()):
            await hass.async_block_till_done()
        await written(hass)
        assert await rows(hass, NEW_ENERGY) == before
        assert await rows(hass) == {}
        await store(hass, 3, code=NEW)
        await written(hass)
        assert max((await rows(hass, NEW_ENERGY)).values(), key=lambda row: row[1])[1] == 4.0002


async def test_with_prices_of_its_own(hass: HomeAssistant, site: MockConfigEntry) -> None:
    """The new hardware may get a billing model in the same go; nothing is changed before both forms are filled in."""
    pile = stored(site)
    result = await replace(hass, site, NEW, own_billing_model=True)
    assert result["step_id"] == "billing_model"
    assert pile.unique_id == DC_PILE
    prices = {key: value for key, value in DEFAULT_BILLING_MODEL.items() if key != CONF_NUMBER}
    result = await hass.config_entries.subentries.async_configure(result["flow_id"], prices)
    await hass.async_block_till_done()
    assert result["reason"] == "reconfigure_successful"
    await wait_for(lambda: is_loaded(site) and NEW in site.runtime_data.listener.piles)
    assert pile.unique_id == NEW
    assert pile.data[CONF_BILLING_MODEL][CONF_NUMBER].startswith("5")
