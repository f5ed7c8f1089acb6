"""Piles that are added by a person, and changed by one."""

from typing import Any

from homeassistant.config_entries import SOURCE_RECONFIGURE, SOURCE_USER, ConfigSubentry, SubentryFlowResult
from homeassistant.const import CONF_NAME
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.selector import SelectSelector, TextSelector
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.ykc.const import (
    CONF_AREA,
    CONF_CODE,
    CONF_GUN_COUNT,
    CONF_OWN_MODEL,
    CONF_PILE_TYPE,
    CONF_PINNED_ADDRESS,
    CONF_PROTOCOL_VERSION,
    CONF_QR_DIALECT,
    CONF_RATED_POWER,
    CONF_SOFTWARE_VERSION,
    SUBENTRY_TYPE_PILE,
)
from custom_components.ykc.subentry import piles
from simulator import VirtualPile

from .conftest import DC_PILE, MakePile, device_id, entity_id, listener_entry, state, wait_for
from .test_discovery import call, cards

NEW = "3201020000000a"


async def start(hass: HomeAssistant, entry: MockConfigEntry) -> SubentryFlowResult:
    """Open the form for another pile."""
    result = await hass.config_entries.subentries.async_init(
        (entry.entry_id, SUBENTRY_TYPE_PILE), context={"source": SOURCE_USER}
    )
    assert result["type"] is FlowResultType.FORM
    assert result["step_id"] == "user"
    return result


async def go_on(hass: HomeAssistant, result: SubentryFlowResult, **user_input: Any) -> SubentryFlowResult:
    """Fill in the form."""
    result = await hass.config_entries.subentries.async_configure(result["flow_id"], user_input)
    await hass.async_block_till_done()
    return result


def stored(entry: MockConfigEntry, code: str) -> ConfigSubentry:
    """Return a pile as it is stored."""
    return next(pile for pile in piles(entry) if pile.unique_id == code)


async def test_add_by_code(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile, make_pile: MakePile) -> None:
    """A pile is added before it ever called; at its first call it is there, and says better what it is."""
    result = await start(hass, site)
    assert result["data_schema"] is not None
    assert isinstance(result["data_schema"].schema[CONF_CODE], TextSelector)
    result = await go_on(hass, result, code=f" {NEW.upper()} ")
    assert result["step_id"] == "details"
    assert result["description_placeholders"] == {"code": NEW}
    result = await go_on(hass, result, name="Gate", pile_type="ac", gun_count=1)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert dict(stored(site, NEW).data) == {
        CONF_CODE: NEW,
        CONF_PILE_TYPE: "ac",
        CONF_GUN_COUNT: 1,
        CONF_PROTOCOL_VERSION: None,
        CONF_SOFTWARE_VERSION: None,
        CONF_AREA: None,
    }
    assert state(hass, "sensor", "status", code=NEW, gun=1) == "offline"
    assert pile.online

    await make_pile(NEW, guns=2)
    await wait_for(lambda: stored(site, NEW).data[CONF_GUN_COUNT] == 2)
    await hass.async_block_till_done()
    await wait_for(lambda: state(hass, "sensor", "status", code=NEW, gun=2) == "idle")
    assert stored(site, NEW).data[CONF_SOFTWARE_VERSION] == "V1.6.0"
    assert entity_id(hass, "sensor", "state_of_charge", code=NEW, gun=1)
    device = dr.async_get(hass).async_get(device_id(hass, site, NEW))
    assert isinstance(device, dr.DeviceEntry)
    assert (device.name, device.model, device.sw_version) == ("Gate", "DC charging pile", "V1.6.0")


async def test_add_one_that_waits(hass: HomeAssistant, site: MockConfigEntry) -> None:
    """A pile that calls can be chosen, is not asked what it has said itself, and its card goes."""
    await call(hass, site, NEW, gun_count=2)
    assert len(cards(hass)) == 1
    result = await start(hass, site)
    assert result["data_schema"] is not None
    selector = result["data_schema"].schema[CONF_CODE]
    assert isinstance(selector, SelectSelector)
    assert selector.config["options"] == [{"value": NEW, "label": f"{NEW} (DC)"}]
    assert selector.config["custom_value"]
    result = await go_on(hass, result, code=NEW)
    assert result["data_schema"] is not None
    assert set(result["data_schema"].schema) == {CONF_NAME, CONF_AREA, CONF_RATED_POWER}
    result = await go_on(hass, result, name="Gate")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert stored(site, NEW).data[CONF_GUN_COUNT] == 2
    assert cards(hass) == []


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("1234", "invalid_code"),
        ("320102000000011", "invalid_code"),
        ("3201020000000g", "invalid_code"),
        (DC_PILE, "already_configured"),
    ],
)
async def test_wrong_code(hass: HomeAssistant, site: MockConfigEntry, code: str, error: str) -> None:
    """A code that is none, or that any listener has, is an error, and another one will do."""
    other = listener_entry(1)
    other.add_to_hass(hass)
    result = await go_on(hass, await start(hass, site), code=code)
    assert result["errors"] == {CONF_CODE: error}
    result = await go_on(hass, result, code=NEW)
    assert result["step_id"] == "details"


async def test_add_to_a_listener_that_does_not_run(hass: HomeAssistant, site: MockConfigEntry) -> None:
    """A pile can be added there too, but not one that a running listener has."""
    entry = listener_entry(1)
    entry.add_to_hass(hass)
    result = await go_on(hass, await start(hass, entry), code=DC_PILE)
    assert result["errors"] == {CONF_CODE: "already_configured"}
    result = await go_on(hass, result, code=NEW)
    result = await go_on(hass, result, name="Gate", pile_type="dc", gun_count=1)
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_added_meanwhile(hass: HomeAssistant, site: MockConfigEntry) -> None:
    """Two forms for the same pile make one pile."""
    first = await go_on(hass, await start(hass, site), code=NEW)
    second = await go_on(hass, await start(hass, site), code=NEW)
    await go_on(hass, first, name="One", pile_type="dc", gun_count=1)
    result = await go_on(hass, second, name="Two", pile_type="dc", gun_count=1)
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "already_configured"


async def reconfigure(hass: HomeAssistant, entry: MockConfigEntry, code: str) -> SubentryFlowResult:
    """Open the form of a pile."""
    result = await hass.config_entries.subentries.async_init(
        (entry.entry_id, SUBENTRY_TYPE_PILE),
        context={"source": SOURCE_RECONFIGURE, "subentry_id": stored(entry, code).subentry_id},
    )
    assert result["type"] is FlowResultType.FORM
    assert result["step_id"] == "reconfigure"
    return result


async def test_rename(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """A pile that has said what it is can be renamed, and stays connected."""
    await hass.async_block_till_done()
    result = await reconfigure(hass, site, DC_PILE)
    assert result["data_schema"] is not None
    assert set(result["data_schema"].schema) == {
        CONF_CODE,
        CONF_NAME,
        CONF_OWN_MODEL,
        CONF_PINNED_ADDRESS,
        CONF_QR_DIALECT,
        CONF_RATED_POWER,
    }
    result = await go_on(hass, result, name="Carport")
    assert result["reason"] == "reconfigure_successful"
    device = dr.async_get(hass).async_get(device_id(hass, site))
    assert device is not None and device.name == "Carport"
    assert site.runtime_data.piles[stored(site, DC_PILE).subentry_id].name == "Carport"
    assert pile.online


async def test_say_what_it_is(hass: HomeAssistant, site: MockConfigEntry, make_pile: MakePile) -> None:
    """As long as a pile has not called a person says what it is; its entities follow."""
    result = await reconfigure(hass, site, DC_PILE)
    late = await reconfigure(hass, site, DC_PILE)
    await go_on(hass, result, name="Wallbox", pile_type="ac", gun_count=1)
    registry = dr.async_get(hass)
    assert registry.async_get_child_device_by_identifier(("ykc", f"{DC_PILE}_2"), site.entry_id) is None
    with pytest.raises(AssertionError):
        entity_id(hass, "sensor", "state_of_charge", gun=1)
    assert state(hass, "sensor", "status", gun=1) == "offline"

    await make_pile(DC_PILE, guns=2)
    await wait_for(lambda: stored(site, DC_PILE).data[CONF_GUN_COUNT] == 2)
    await hass.async_block_till_done()
    await wait_for(lambda: state(hass, "sensor", "status", gun=2) == "idle")
    assert entity_id(hass, "sensor", "state_of_charge", gun=1)

    # By now it knows better than the form that was opened before it called.
    await go_on(hass, late, name="Wallbox", pile_type="ac", gun_count=1)
    assert stored(site, DC_PILE).data[CONF_PILE_TYPE] == "dc"


async def test_a_form_without_the_hardware(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """A form that was opened when the pile had called changes nothing of what its successor is, which has not."""
    await hass.async_block_till_done()
    result = await reconfigure(hass, site, DC_PILE)
    known = stored(site, DC_PILE)
    await pile.stop()
    hass.config_entries.async_update_subentry(site, known, data={**known.data, CONF_PROTOCOL_VERSION: None})
    await hass.async_block_till_done()
    result = await go_on(hass, result, name="Carport")
    assert result["reason"] == "reconfigure_successful"
    data = stored(site, DC_PILE).data
    assert (data[CONF_PILE_TYPE], data[CONF_GUN_COUNT]) == ("dc", 2)


async def test_half_a_gun(hass: HomeAssistant, site: MockConfigEntry) -> None:
    """A number of guns that is not whole is refused, and not cut."""
    result = await go_on(hass, await start(hass, site), code=NEW)
    result = await go_on(hass, result, name="Gate", pile_type="ac", gun_count=1.5)
    assert result["errors"] == {CONF_GUN_COUNT: "gun_count_out_of_range"}
    result = await go_on(hass, result, name="Gate", pile_type="ac", gun_count=2.0)
    assert isinstance(stored(site, NEW).data[CONF_GUN_COUNT], int)


async def test_a_power_that_no_pile_has(hass: HomeAssistant, site: MockConfigEntry) -> None:
    """A rated power out of range is an error of its field, for a new pile and a known one, and can be put right."""
    result = await go_on(hass, await start(hass, site), code=NEW)
    wrong = {"name": "Gate", "pile_type": "ac", "gun_count": 1, "rated_power": 0.5}
    result = await go_on(hass, result, **wrong)
    assert result["errors"] == {CONF_RATED_POWER: "rated_power_out_of_range"}
    await go_on(hass, result, **wrong | {"rated_power": 7})
    result = await go_on(hass, await reconfigure(hass, site, NEW), **wrong | {"rated_power": 2001})
    assert result["errors"] == {CONF_RATED_POWER: "rated_power_out_of_range"}
    assert stored(site, NEW).data[CONF_RATED_POWER] == 7
    await go_on(hass, result, **wrong | {"rated_power": 22, "gun_count": 2.0})
    data = stored(site, NEW).data
    assert (data[CONF_RATED_POWER], data[CONF_GUN_COUNT]) == (22, 2)
    assert isinstance(data[CONF_GUN_COUNT], int)


@pytest.mark.parametrize(("typed", "name"), [(" Gate ", "Gate"), ("\t", NEW)])
async def test_name(hass: HomeAssistant, site: MockConfigEntry, typed: str, name: str) -> None:
    """A name has no blanks around it; without one the pile is called by its code, new and renamed."""
    result = await go_on(hass, await start(hass, site), code=NEW)
    await go_on(hass, result, name=typed, pile_type="ac", gun_count=1)
    assert stored(site, NEW).title == name
    await go_on(hass, await reconfigure(hass, site, NEW), name="Other", pile_type="ac", gun_count=1)
    assert stored(site, NEW).title == "Other"
    await go_on(hass, await reconfigure(hass, site, NEW), name=typed, pile_type="ac", gun_count=1)
    assert stored(site, NEW).title == name
