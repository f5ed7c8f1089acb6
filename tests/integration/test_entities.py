"""What a pile and its guns show, and when."""

from collections.abc import Iterator
from functools import partial
from unittest.mock import Mock, patch

from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN, Platform
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from syrupy.assertion import SnapshotAssertion

from custom_components.ykc.const import DOMAIN, PLATFORMS
from custom_components.ykc.coordinator import PILE, vehicle_at
from custom_components.ykc.server.bms import Bms
from custom_components.ykc.server.changed import changed
from custom_components.ykc.server.state import PileInfo
from custom_components.ykc.subentry import pile_data
from simulator import VirtualPile

from .conftest import AC_PILE, DC_PILE, MakePile, device_id, entity_id, listener_entry, set_up, state, wait_for

GUN_KEYS = {
    Platform.SENSOR: {
        "automatic_start",
        "status",
        "power",
        "voltage",
        "current",
        "session_energy",
        "session_cost",
        "charging_time",
        "remaining_time",
        "state_of_charge",
        "cable_temperature",
        "battery_temperature",
        "total_energy",
        "last_session_energy",
        "last_session_cost",
        "last_session_stop_reason",
        "last_session_end",
        "limit_reached",
        "month_energy",
        "month_cost",
    },
    Platform.BINARY_SENSOR: {"bill_mismatch", "plugged", "charging", "problem"},
    Platform.NUMBER: {"limit_energy", "limit_amount", "limit_minutes", "limit_soc"},
    Platform.SELECT: {"start_period"},
    Platform.SWITCH: {"charging", "start_when_plugged"},
    Platform.BUTTON: {"start", "stop", "read_now"},
    Platform.EVENT: {"gun_event", "start_request"},
}
BMS_KEYS = {
    "battery_alarm",
    "battery_capacity",
    "battery_nominal_energy",
    "battery_rated_voltage",
    "battery_type",
    "bms_current",
    "bms_timeout",
    "bms_voltage",
    "charge_cycles",
    "charge_end_reason",
    "charging_allowed",
    "charging_mode",
    "current_demand",
    "max_battery_temperature",
    "max_cell_voltage",
    "min_battery_temperature",
    "min_cell_voltage",
    "vin",
    "voltage_demand",
}
"""Sensors of the guns of DC piles."""
PILE_KEYS = {
    Platform.BINARY_SENSOR: {"connection"},
    Platform.BUTTON: {"synchronise_clock", "reboot"},
    Platform.EVENT: {"firmware_update", "pile_event"},
    Platform.NUMBER: {"max_power"},
    Platform.SENSOR: {"billing_model", "clock_offset", "offline_cards", "refused_logins"},
    Platform.SWITCH: {"in_service"},
}
ALWAYS_AVAILABLE = {
    "automatic_start",
    "start_period",
    "start_when_plugged",
    "status",
    "total_energy",
    "last_session_energy",
    "last_session_end",
    "month_energy",
    "month_cost",
    "last_session_cost",
    "last_session_stop_reason",
    "connection",
}

NO_FIGURES = {"status", "connection", "start_period", "start_when_plugged"}


def ids(hass: HomeAssistant, entry: MockConfigEntry) -> set[tuple[str, str]]:
    """Return platform and unique id of all entities of a listener."""
    registry = er.async_get(hass)
    return {(e.domain, e.unique_id) for e in er.async_entries_for_config_entry(registry, entry.entry_id)}


async def test_unique_ids(hass: HomeAssistant, site: MockConfigEntry) -> None:
    """The unique ids are a contract; everything is there before any pile has called."""
    expected = {
        (platform, f"{code}_{gun}_{key}")
        for code, guns in ((DC_PILE, (1, 2)), (AC_PILE, (1,)))
        for gun in guns
        for platform, keys in GUN_KEYS.items()
        for key in keys
        if not (code == AC_PILE and key in ("state_of_charge", "limit_soc"))
    }
    expected |= {(Platform.SENSOR, f"{DC_PILE}_{gun}_{key}") for gun in (1, 2) for key in (*BMS_KEYS, "parallel_role")}
    expected |= {
        (platform, f"{code}_{key}")
        for code in (DC_PILE, AC_PILE)
        for platform, keys in PILE_KEYS.items()
        for key in keys
    }
    assert ids(hass, site) == expected


async def test_enabled_by_default(hass: HomeAssistant, site: MockConfigEntry) -> None:
    """A pile with two guns has less than 40 entities unless one asks for more."""
    entities = er.async_entries_for_config_entry(er.async_get(hass), site.entry_id)
    assert sum(e.unique_id.startswith(DC_PILE) and e.disabled_by is None for e in entities) == 39


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
@pytest.mark.parametrize("platform", PLATFORMS)
async def test_platforms(
    hass: HomeAssistant, site: MockConfigEntry, platform: Platform, snapshot: SnapshotAssertion
) -> None:
    """Names, classes, units and categories of all entities."""
    entities = [e for e in er.async_entries_for_config_entry(er.async_get(hass), site.entry_id) if e.domain == platform]
    shown = {
        e.entity_id: {
            "unique_id": e.unique_id,
            "name": e.original_name,
            "device_class": e.original_device_class,
            "category": e.entity_category,
            "unit": e.unit_of_measurement,
            "capabilities": {k: v for k, v in (e.capabilities or {}).items() if k not in ("options", "event_types")},
            "translation_key": e.translation_key,
            "state": None if (found := hass.states.get(e.entity_id)) is None else found.state,
        }
        for e in sorted(entities, key=lambda e: e.entity_id)
    }
    assert shown == snapshot


async def test_devices(hass: HomeAssistant, site: MockConfigEntry, snapshot: SnapshotAssertion) -> None:
    """A pile is a device, and each gun a child of it."""
    registry = dr.async_get(hass)
    for device in dr.async_entries_for_config_entry(registry, site.entry_id):
        assert (device.name, device.manufacturer, device.model, device.serial_number) == snapshot
        assert device.config_subentry_id in site.subentries
        children = dr.async_entries_for_parent_device(registry, device.id)
        assert sorted((child.name, *child.identifiers) for child in children) == snapshot


async def test_models_in_chinese(hass: HomeAssistant, port: int) -> None:
    """Home Assistant does not translate what a device is: it is named in its language from the start."""
    hass.config.language = "zh-Hans"
    piles = PileInfo(code=DC_PILE, gun_count=2), PileInfo(code=AC_PILE, pile_type="ac")
    entry = await set_up(hass, listener_entry(port, *piles))
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    assert sorted(device.model or "" for device in devices) == ["交流充电桩", "直流充电桩"]
    await hass.config_entries.async_unload(entry.entry_id)


@pytest.fixture
def changes(hass: HomeAssistant) -> Iterator[list[str]]:
    """Record which entities have changed."""
    changed: list[str] = []

    @callback
    def note(event: Event[EventStateChangedData]) -> None:
        changed.append(event.data["entity_id"])

    remove = hass.bus.async_listen("state_changed", note)
    yield changed
    remove()


def alike(hass: HomeAssistant, code: str, gun: int | None, value: str) -> set[str]:
    """Return the keys of the enabled entities of a gun that have a state."""
    prefix = f"{code}_" if gun is None else f"{code}_{gun}_"
    return {
        e.unique_id.removeprefix(prefix)
        for e in er.async_get(hass).entities.values()
        if e.unique_id.startswith(prefix)
        and (found := hass.states.get(e.entity_id)) is not None
        and found.state == value
    }


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_before_any_call(hass: HomeAssistant, site: MockConfigEntry) -> None:
    """What the platform itself knows is available, and nothing else."""
    assert state(hass, "sensor", "status", gun=1) == "offline"
    assert state(hass, "binary_sensor", "connection") == "off"
    assert state(hass, "sensor", "total_energy", gun=1) == "0"
    assert state(hass, "sensor", "last_session_energy", gun=1) == STATE_UNKNOWN
    assert not alike(hass, DC_PILE, 1, STATE_UNAVAILABLE) & ALWAYS_AVAILABLE
    assert {"power", "session_energy", "plugged", "charging", "start", "stop"} <= alike(
        hass, DC_PILE, 1, STATE_UNAVAILABLE
    )
    assert state(hass, "button", "synchronise_clock") == STATE_UNAVAILABLE


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_values(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """What the pile reports is what the entities show, in their units."""
    await pile.plug(1)
    await hass.services.async_call(
        "button", "press", {"entity_id": entity_id(hass, "button", "start", gun=1)}, blocking=True
    )
    await wait_for(lambda: state(hass, "sensor", "status", gun=1) == "charging")
    await wait_for(lambda: float(state(hass, "sensor", "session_energy", gun=1) or 0) > 1)
    gun = site.runtime_data._listener.piles[DC_PILE].state.guns[1]
    assert float(state(hass, "sensor", "power", gun=1) or 0) == pytest.approx(gun.power / 1000)
    for key, value in (
        ("voltage", gun.voltage),
        ("current", gun.current),
        ("session_energy", gun.session_energy),
        ("session_cost", gun.session_cost),
        ("charging_time", gun.charging_time),
        ("remaining_time", gun.remaining_time),
        ("state_of_charge", gun.state_of_charge),
        ("cable_temperature", gun.cable_temperature),
        ("battery_temperature", gun.battery_temperature),
        ("total_energy", gun.total_energy),
    ):
        assert state(hass, "sensor", key, gun=1) == str(value), key
    assert gun.state_of_charge
    await hass.services.async_call(
        "button", "press", {"entity_id": entity_id(hass, "button", "stop", gun=1)}, blocking=True
    )
    await wait_for(lambda: state(hass, "sensor", "last_session_stop_reason", gun=1) == "stopped_remotely")


async def test_fault(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """A fault is a problem of its gun, until it is repaired."""
    await wait_for(lambda: state(hass, "binary_sensor", "problem", gun=2) == "off")
    await pile.fault(2, 1)
    await wait_for(lambda: state(hass, "sensor", "status", gun=2) == "fault")
    assert state(hass, "binary_sensor", "problem", gun=2) == "on"
    assert state(hass, "binary_sensor", "problem", gun=1) == "off"
    await pile.clear_fault(2)
    await wait_for(lambda: state(hass, "binary_sensor", "problem", gun=2) == "off")


async def test_only_what_changed_is_written(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """A report about one gun wakes nothing of the other, and only what it changes."""
    await wait_for(lambda: state(hass, "sensor", "status", gun=2) == "idle")
    await hass.async_block_till_done()
    with patch("custom_components.ykc.entity.YkcEntity.async_write_ha_state", autospec=True) as write:
        await pile.plug(1)
        await wait_for(lambda: site.runtime_data._listener.piles[DC_PILE].state.guns[1].plugged)
        await hass.async_block_till_done()
    woken = {call.args[0].unique_id for call in write.call_args_list}
    assert woken == {f"{DC_PILE}_1_status", f"{DC_PILE}_1_plugged"}


async def test_a_faulty_entity_is_none_of_the_others(
    hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile, caplog: pytest.LogCaptureFixture
) -> None:
    """An entity that cannot be shown keeps no other from what its gun said, and the log names the pile."""
    await wait_for(lambda: state(hass, "binary_sensor", "plugged", gun=1) == "off")
    coordinator = next(iter(site.runtime_data.piles.values()))
    stop = coordinator.async_add_listener(Mock(side_effect=RuntimeError("a fault of one")), 1)
    await pile.plug(1)
    await wait_for(lambda: state(hass, "binary_sensor", "plugged", gun=1) == "on")
    stop()
    assert f"Something of pile {coordinator.name} could not be shown" in caplog.text
    caplog.clear()


async def test_nothing_new_is_not_written(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """A report that changes nothing writes no state, not even as one that is as before; the first one neither."""
    await wait_for(lambda: state(hass, "sensor", "status", gun=1) == "idle")
    await hass.async_block_till_done()
    coordinator = next(iter(site.runtime_data.piles.values()))
    with patch("custom_components.ykc.entity.YkcEntity.async_write_ha_state", autospec=True) as write:
        for _ in range(3):
            await coordinator.pile.read_realtime(1)
        coordinator.async_update_listeners()
        await hass.async_block_till_done()
    assert write.call_args_list == []


async def test_the_vehicle_wakes_its_own_alone(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """What only the vehicle says is looked at by no entity that can show none of it."""
    await wait_for(lambda: state(hass, "sensor", "status", gun=1) == "idle")
    await hass.async_block_till_done()
    coordinator = next(iter(site.runtime_data.piles.values()))
    gun = coordinator.data.guns[1]
    new = changed(coordinator.data, guns={**coordinator.data.guns, 1: changed(gun, bms=Bms(transaction="1"))})
    woken: list[int] = []
    for context in (PILE, 1, 2, vehicle_at(1), vehicle_at(2)):
        coordinator.async_add_listener(partial(woken.append, context), context)
    coordinator.pile.state = new
    coordinator._handle_state()
    assert woken == [vehicle_at(1)]
    coordinator.pile.state = changed(new, guns={**new.guns, 1: changed(new.guns[1], voltage=1.0)})
    coordinator._handle_state()
    assert woken == [vehicle_at(1), 1]


async def test_update_entity(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """To ask for an update changes nothing: the pile speaks when it has something to say."""
    await hass.async_block_till_done()
    coordinator = next(iter(site.runtime_data.piles.values()))
    await coordinator.async_refresh()
    assert coordinator.data is coordinator.pile.state


async def test_short_absence(
    hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile, changes: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    """A pile that is back at once changes nothing but its connection sensor."""
    await pile.plug(1)
    await wait_for(lambda: state(hass, "sensor", "status", gun=1) == "plugged")
    await hass.async_block_till_done()
    changes.clear()
    caplog.clear()
    await pile.drop()
    await wait_for(lambda: state(hass, "binary_sensor", "connection") == "off")
    await pile.come_back()
    await pile.wait_ready()
    await wait_for(lambda: state(hass, "binary_sensor", "connection") == "on")
    await hass.async_block_till_done()
    assert set(changes) == {entity_id(hass, "binary_sensor", "connection")}
    assert "is offline" not in caplog.text


async def test_long_absence(
    hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile, caplog: pytest.LogCaptureFixture
) -> None:
    """A pile that stays away is offline; that is logged once, and once when it is back."""
    await wait_for(lambda: state(hass, "sensor", "status", gun=1) == "idle")
    await pile.drop()
    await wait_for(lambda: state(hass, "sensor", "status", gun=1) == "offline")
    assert state(hass, "sensor", "power", gun=1) == STATE_UNAVAILABLE
    assert state(hass, "switch", "charging", gun=1) == STATE_UNAVAILABLE
    assert state(hass, "sensor", "total_energy", gun=1) == "0"
    await pile.come_back()
    await wait_for(lambda: state(hass, "sensor", "status", gun=1) == "idle")
    assert caplog.text.count(f"Pile {DC_PILE} is offline") == 1
    assert caplog.text.count(f"Pile {DC_PILE} is online") == 1


@pytest.mark.parametrize("guns", [1, 3])
async def test_more_and_fewer_guns(hass: HomeAssistant, site: MockConfigEntry, make_pile: MakePile, guns: int) -> None:
    """What a pile says at its login adds and removes guns live; what is gone may come back."""
    before = ids(hass, site)
    subentry = next(pile for pile in site.subentries.values() if pile.unique_id == DC_PILE)

    def numbers() -> set[str]:
        there = {unique_id.split("_")[1] for _, unique_id in ids(hass, site) if unique_id.startswith(f"{DC_PILE}_")}
        return set(filter(str.isdigit, there))

    pile = await make_pile(DC_PILE, guns=guns)
    await wait_for(lambda: subentry.data["gun_count"] == guns)
    await hass.async_block_till_done()
    assert numbers() == {str(number) for number in range(1, guns + 1)}
    await wait_for(lambda: state(hass, "sensor", "status", gun=guns) == "idle")
    await pile.stop()

    await make_pile(DC_PILE, guns=2)
    await wait_for(lambda: subentry.data["gun_count"] == 2)
    await hass.async_block_till_done()
    await wait_for(lambda: state(hass, "sensor", "status", gun=2) == "idle")
    assert ids(hass, site) == before


@pytest.mark.parametrize(("said", "stored"), [(0, 1), (255, 99)])
async def test_gun_count_that_cannot_be(said: int, stored: int) -> None:
    """A pile has a gun, and no more than can be numbered."""
    assert pile_data(PileInfo(code=DC_PILE, gun_count=said))["gun_count"] == stored


async def test_other_type(hass: HomeAssistant, site: MockConfigEntry, make_pile: MakePile) -> None:
    """A pile that turns out to be an AC pile has no state of charge."""
    assert entity_id(hass, "sensor", "state_of_charge", gun=1)
    await make_pile(DC_PILE, pile_type="ac", guns=2)
    unique_id = f"{DC_PILE}_1_state_of_charge"
    registry = er.async_get(hass)
    await wait_for(lambda: registry.async_get_entity_id("sensor", DOMAIN, unique_id) is None)
    await hass.async_block_till_done()
    device = dr.async_get(hass).async_get(device_id(hass, site))
    assert isinstance(device, dr.DeviceEntry)
    assert device.model == "AC charging pile"


async def test_restart(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """After a restart everything is there before the pile has called, with what the ledger knows."""
    await pile.plug(1)
    switch = {"entity_id": entity_id(hass, "switch", "charging", gun=1)}
    await hass.services.async_call("switch", "turn_on", switch, blocking=True)
    await wait_for(lambda: float(state(hass, "sensor", "session_energy", gun=1) or 0) > 0.5)
    await hass.services.async_call("switch", "turn_off", switch, blocking=True)
    await wait_for(lambda: state(hass, "sensor", "last_session_stop_reason", gun=1) == "stopped_remotely")
    known = {key: state(hass, "sensor", key, gun=1) for key in ALWAYS_AVAILABLE - NO_FIGURES}
    there = ids(hass, site)

    await pile.stop()
    assert await hass.config_entries.async_unload(site.entry_id)
    await hass.async_block_till_done()
    assert await hass.config_entries.async_setup(site.entry_id)
    await hass.async_block_till_done()
    assert ids(hass, site) == there
    assert {key: state(hass, "sensor", key, gun=1) for key in known} == known
    assert state(hass, "sensor", "status", gun=1) == "offline"


async def test_restart_during_a_charge(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """A charge goes on over a restart, and its record is matched."""
    await pile.plug(1)
    switch = {"entity_id": entity_id(hass, "switch", "charging", gun=1)}
    await hass.services.async_call("switch", "turn_on", switch, blocking=True)
    await wait_for(lambda: state(hass, "sensor", "status", gun=1) == "charging")
    assert await hass.config_entries.async_reload(site.entry_id)
    await wait_for(lambda: state(hass, "switch", "charging", gun=1) == "on")
    await hass.services.async_call("switch", "turn_off", switch, blocking=True)
    await wait_for(lambda: state(hass, "sensor", "last_session_stop_reason", gun=1) == "stopped_remotely")
    assert state(hass, "sensor", "total_energy", gun=1) == state(hass, "sensor", "last_session_energy", gun=1)
