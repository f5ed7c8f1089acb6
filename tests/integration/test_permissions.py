"""An action does nothing that its user may not do with the entities of the guns."""

from typing import Any

from homeassistant.auth.permissions.const import POLICY_CONTROL, POLICY_READ
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import Unauthorized, UnknownUser
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

from custom_components.ykc.const import DOMAIN
from simulator import VirtualPile

from .conftest import DC_PILE, device_id, entity_id, state, wait_for


async def act(
    hass: HomeAssistant, user: str, action: str, entry: MockConfigEntry, gun: int | None, **data: Any
) -> None:
    """Call an action as a user, on a gun or a pile."""
    data["device_id"] = device_id(hass, entry, DC_PILE, gun)
    await hass.services.async_call(DOMAIN, action, data, blocking=True, context=Context(user_id=user))


@pytest.fixture
def user(hass: HomeAssistant, site: MockConfigEntry, hass_read_only_user: MockUser) -> str:
    """Return one who may read all and control gun 2 alone."""
    hass_read_only_user.groups[:] = []
    switch = entity_id(hass, "switch", "charging", gun=2)
    hass_read_only_user.mock_policy(
        {"entities": {"all": {POLICY_READ: True}, "entity_ids": {switch: {POLICY_READ: True, POLICY_CONTROL: True}}}}
    )
    return str(hass_read_only_user.id)


async def test_only_where_one_may(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile, user: str) -> None:
    """Gun 2 is started and stopped; gun 1, both together and the pile are refused, and nothing is sent."""
    await pile.plug(1)
    await pile.plug(2)
    await wait_for(lambda: state(hass, "sensor", "status", gun=2) == "plugged")
    await act(hass, user, "start_charging", site, 2)
    await wait_for(lambda: state(hass, "sensor", "status", gun=2) == "charging")
    for action, gun, data in (
        ("start_charging", 1, {}),
        ("stop_charging", 1, {}),
        ("update_balance", 1, {"balance": 5}),
        ("answer_start_request", 1, {"authorised": True}),
        ("start_parallel_charging", None, {}),
        ("reboot", None, {}),
        ("learn_card", None, {}),
    ):
        with pytest.raises(Unauthorized):
            await act(hass, user, action, site, gun, **data)
    assert pile.gun(1).charge is None
    assert state(hass, "sensor", "status", gun=2) == "charging"
    await act(hass, user, "stop_charging", site, 2)
    await wait_for(lambda: state(hass, "sensor", "status", gun=2) != "charging")


async def test_nobody(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """A user that is gone may nothing; an automation has no user, and may all."""
    await pile.plug(1)
    with pytest.raises(UnknownUser):
        await act(hass, "gone", "start_charging", site, 1)
    data = {"device_id": device_id(hass, site, DC_PILE, 1)}
    await hass.services.async_call(DOMAIN, "start_charging", data, blocking=True)
    assert pile.gun(1).charge is not None
