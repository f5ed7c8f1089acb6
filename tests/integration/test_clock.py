"""The sensor for how far a pile's clock is off."""

from datetime import datetime, timedelta

from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from simulator import VirtualPile

from .conftest import entity_id, state, wait_for

pytestmark = pytest.mark.usefixtures("entity_registry_enabled_by_default")


async def press(hass: HomeAssistant) -> float:
    """Set the clock with the button; return what the sensor shows then."""
    target = {"entity_id": entity_id(hass, "button", "synchronise_clock")}
    await hass.services.async_call("button", "press", target, blocking=True)
    return float(state(hass, "sensor", "clock_offset") or "nan")


async def test_clock_offset(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """The sensor shows what the reply says: by firmware the drift, or what is left of it."""
    await wait_for(lambda: state(hass, "sensor", "clock_offset") not in (None, STATE_UNAVAILABLE, "unknown"))
    pile.clock.set(pile.clock.now() - timedelta(minutes=10))
    assert abs(await press(hass)) < 5
    pile.behaviour.tells_old_time = True
    pile.clock.set(pile.clock.now() - timedelta(minutes=10))
    assert abs(await press(hass) + 600) < 5
    pile.clock.set(datetime(2100, 1, 1))
    assert await press(hass) > 1e9
    assert abs(await press(hass)) < 5
