"""What the vehicle says, and the faults of a gun, as people see them."""

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.ykc.protocol import BmsStatus
from simulator import VirtualPile

from .conftest import entity_id, state, wait_for

pytestmark = pytest.mark.usefixtures("entity_registry_enabled_by_default")


async def test_battery(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """A charge shows the battery while it lasts; who the vehicle is and how it ended stay."""
    await pile.plug(1)
    await site.runtime_data.piles[next(iter(site.runtime_data.piles))].pile.start_charging(1)
    await wait_for(lambda: float(state(hass, "sensor", "session_energy", gun=1) or 0) > 0)
    await wait_for(lambda: state(hass, "sensor", "charging_allowed", gun=1) == "allowed")
    assert state(hass, "sensor", "charging_mode", gun=1) in ("constant_current", "constant_voltage")
    assert float(state(hass, "sensor", "current_demand", gun=1) or 0) > 0
    assert float(state(hass, "sensor", "voltage_demand", gun=1) or 0) > 0
    assert state(hass, "sensor", "battery_alarm", gun=1) == "none"
    assert state(hass, "sensor", "battery_type", gun=1) not in (None, "unknown")
    vin = state(hass, "sensor", "vin", gun=1)
    assert vin is not None
    assert len(vin) == 17
    await pile.stop_locally(1)
    await wait_for(lambda: state(hass, "sensor", "status", gun=1) == "finished")
    assert state(hass, "sensor", "current_demand", gun=1) == "unknown"
    assert state(hass, "sensor", "vin", gun=1) == vin
    assert float(state(hass, "sensor", "min_cell_voltage", gun=1) or 0) > 0


async def test_a_vehicle_that_tells_nothing(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """All ones are no value: what the vehicle does not tell is unknown, and not in order."""
    await pile.plug(1)
    await site.runtime_data.piles[next(iter(site.runtime_data.piles))].pile.start_charging(1)
    await wait_for(lambda: state(hass, "sensor", "battery_alarm", gun=1) == "none")
    charge = pile.guns[1].charge
    assert charge is not None
    head = bytes.fromhex(charge.order.transaction + pile.code) + b"\x01"
    pile.post.send(BmsStatus.from_body(head + b"\xff" * 7))
    await wait_for(lambda: state(hass, "sensor", "battery_alarm", gun=1) == "unknown")
    assert state(hass, "sensor", "charging_allowed", gun=1) == "unknown"


async def test_faults(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """The fault bits are a list of names, and the bits as they came."""
    await pile.fault(1, 1)
    await pile.fault(1, 13)
    await wait_for(lambda: state(hass, "binary_sensor", "problem", gun=1) == "on")
    await wait_for(lambda: len(_attribute(hass, "faults")) == 2)
    assert _attribute(hass, "faults") == ["emergency_stop", "door_open"]
    assert _attribute(hass, "fault_bits") == "0001000000000001"


def _attribute(hass: HomeAssistant, name: str) -> list[str] | str:
    found = hass.states.get(entity_id(hass, "binary_sensor", "problem", gun=1))
    assert found is not None
    value: list[str] | str = found.attributes[name]
    return value
