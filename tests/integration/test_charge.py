"""A charge from the dashboard: the first whole journey."""

from decimal import Decimal

from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry

from simulator import VirtualPile

from .conftest import entity_id, state, wait_for


async def test_switch_charges(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """A charge is started and stopped with the switch, and the entities follow it."""
    await wait_for(lambda: state(hass, "sensor", "status", gun=1) == "idle")
    assert state(hass, "switch", "charging", gun=1) == "off"

    await pile.plug(1)
    await wait_for(lambda: state(hass, "sensor", "status", gun=1) == "plugged")
    assert state(hass, "binary_sensor", "plugged", gun=1) == "on"
    assert state(hass, "binary_sensor", "plugged", gun=2) == "off"

    switch = {"entity_id": entity_id(hass, "switch", "charging", gun=1)}
    await hass.services.async_call("switch", "turn_on", switch, blocking=True)
    await wait_for(lambda: state(hass, "sensor", "status", gun=1) == "charging")
    await wait_for(lambda: float(state(hass, "sensor", "power", gun=1) or 0) > 1)
    await wait_for(lambda: float(state(hass, "sensor", "session_energy", gun=1) or 0) > 0.5)
    assert state(hass, "switch", "charging", gun=1) == "on"
    assert state(hass, "binary_sensor", "charging", gun=1) == "on"
    assert float(state(hass, "sensor", "session_cost", gun=1) or 0) > 0
    assert state(hass, "sensor", "status", gun=2) == "idle"

    await hass.services.async_call("switch", "turn_off", switch, blocking=True)
    await wait_for(lambda: state(hass, "sensor", "last_session_stop_reason", gun=1) == "stopped_remotely")
    await wait_for(lambda: state(hass, "sensor", "status", gun=1) == "finished")
    energy = state(hass, "sensor", "last_session_energy", gun=1)
    assert energy is not None and Decimal(energy) > 0
    assert state(hass, "sensor", "total_energy", gun=1) == energy
    assert state(hass, "sensor", "last_session_cost", gun=1) == energy, "one CNY per kWh"
    assert state(hass, "switch", "charging", gun=1) == "off"
    assert pile.complaints == []
