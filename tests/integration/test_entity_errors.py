"""Every entity that commands a pile tells in the user's language why it was not done."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.ykc.const import DOMAIN
from custom_components.ykc.protocol import ReadRealtime, Reboot, RemoteStart, RemoteStop, TimeSync, WorkParameters
from simulator import VirtualPile

from .conftest import entity_id, state, wait_for
from .test_translations import CHINESE, ENGLISH

COMMANDS = (TimeSync, WorkParameters, ReadRealtime, Reboot, RemoteStart, RemoteStop)


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
@pytest.mark.parametrize(
    ("platform", "key", "action", "data"),
    [
        ("button", "start", "press", {}),
        ("button", "stop", "press", {}),
        ("button", "read_now", "press", {}),
        ("button", "reboot", "press", {}),
        ("button", "synchronise_clock", "press", {}),
        ("number", "max_power", "set_value", {"value": 50}),
        ("switch", "charging", "turn_on", {}),
        ("switch", "charging", "turn_off", {}),
        ("switch", "in_service", "turn_on", {}),
        ("switch", "in_service", "turn_off", {}),
    ],
)
async def test_no_answer(
    hass: HomeAssistant,
    site: MockConfigEntry,
    pile: VirtualPile,
    platform: str,
    key: str,
    action: str,
    data: dict[str, Any],
) -> None:
    """A pile that hears nothing is an error of the call, and changes nothing that is shown."""
    gun = 1 if key in ("start", "stop", "read_now", "charging") else None
    await wait_for(lambda: state(hass, "sensor", "status", gun=1) == "idle")
    target = entity_id(hass, platform, key, gun=gun)
    before = hass.states.get(target)
    assert before is not None
    pile.behaviour.ignores = {kind.TYPE for kind in COMMANDS}
    with pytest.raises(HomeAssistantError) as raised:
        await hass.services.async_call(platform, action, {"entity_id": target, **data}, blocking=True)
    assert raised.value.translation_domain == DOMAIN
    assert raised.value.translation_key == "no_reply"
    assert all("no_reply" in language["exceptions"] for language in (ENGLISH, CHINESE))
    after = hass.states.get(target)
    assert platform == "button" or (after is not None and after.state == before.state)
