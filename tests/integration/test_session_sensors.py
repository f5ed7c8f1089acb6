"""What a gun's sessions came to: the last one, and those of the month."""

from datetime import UTC, datetime

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from .conftest import entity_id, state
from .test_sessions import store

pytestmark = pytest.mark.usefixtures("entity_registry_enabled_by_default")


async def test_month_and_last_session(
    hass: HomeAssistant, site: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """They are known from the ledger, at any time, also while the pile is away."""
    freezer.move_to(datetime(2026, 3, 20, tzinfo=UTC))
    await hass.config.async_set_time_zone("Asia/Shanghai")
    await store(hass, 10)
    await store(hass, 34)
    await hass.config_entries.async_reload(site.entry_id)
    await hass.async_block_till_done()
    assert state(hass, "sensor", "status", gun=1) == "offline"
    assert state(hass, "sensor", "month_energy", gun=1) == "4.0002"
    assert state(hass, "sensor", "month_cost", gun=1) == "6.0000"
    assert state(hass, "sensor", "last_session_end", gun=1) == "2026-03-02T10:00:00+00:00"
    assert state(hass, "sensor", "last_session_end", gun=2) == "unknown"
    for key in ("month_energy", "month_cost"):
        shown = hass.states.get(entity_id(hass, "sensor", key, gun=1))
        assert shown is not None
        assert shown.attributes["state_class"] == "total"
        assert shown.attributes["last_reset"] == "2026-03-01T00:00:00+08:00"

    # The listener looks by itself, once a minute.
    freezer.move_to(datetime(2026, 3, 31, 16, tzinfo=UTC))
    for coordinator in site.runtime_data.piles.values():
        coordinator.pile.publish()
    await hass.async_block_till_done()
    for key in ("month_energy", "month_cost"):
        shown = hass.states.get(entity_id(hass, "sensor", key, gun=1))
        assert shown is not None
        assert (shown.state, shown.attributes["last_reset"]) == ("0", "2026-04-01T00:00:00+08:00")
