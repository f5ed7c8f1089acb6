"""Working parameters: a switch and two numbers that show what the pile confirmed."""

from homeassistant.const import STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.ykc.const import DOMAIN
from custom_components.ykc.server.settings import PileSettings, WorkingParameters
from custom_components.ykc.subentry import pile_settings
from simulator import VirtualPile

from .conftest import DC_PILE, MakePile, entity_id, state, wait_for
from .test_subentry_flow import go_on, reconfigure, stored

pytestmark = pytest.mark.usefixtures("entity_registry_enabled_by_default")


async def switch(hass: HomeAssistant, service: str) -> None:
    """Take the pile out of service, or into it."""
    target = {"entity_id": entity_id(hass, "switch", "in_service")}
    await hass.services.async_call("switch", service, target, blocking=True)


async def limit(hass: HomeAssistant, key: str, value: float) -> None:
    """Set a number of the pile."""
    data = {"entity_id": entity_id(hass, "number", key), "value": value}
    await hass.services.async_call("number", "set_value", data, blocking=True)


async def test_in_service(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """Unknown until a person chooses, then what the pile took; kept over a restart, and told again."""
    assert state(hass, "switch", "in_service") == STATE_UNKNOWN
    assert state(hass, "number", "max_power") == STATE_UNKNOWN
    await switch(hass, "turn_off")
    assert pile.out_of_use
    assert state(hass, "switch", "in_service") == "off"
    assert state(hass, "number", "max_power") == "100"
    off = PileSettings(parameters=WorkingParameters(in_service=False))
    assert pile_settings(stored(site, DC_PILE).data) == off

    pile.out_of_use = False
    assert await hass.config_entries.async_reload(site.entry_id)
    await wait_for(lambda: pile.out_of_use)
    await wait_for(lambda: state(hass, "switch", "in_service") == "off")
    await switch(hass, "turn_on")
    assert not pile.out_of_use
    assert state(hass, "switch", "in_service") == "on"


async def test_limit(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """The limit reaches the pile, and no less than 30 % can be asked for."""
    await limit(hass, "max_power", 45)
    assert pile.power_percent == 45
    assert state(hass, "number", "max_power") == "45"
    assert state(hass, "switch", "in_service") == "on"
    with pytest.raises(HomeAssistantError):
        await limit(hass, "max_power", 29)
    assert pile.power_percent == 45


async def test_refused(hass: HomeAssistant, site: MockConfigEntry, make_pile: MakePile) -> None:
    """A pile that does not take them leaves the entities as they are, and nothing is kept."""
    pile = await make_pile(DC_PILE, guns=2)
    pile.behaviour.refuses_parameters = True
    with pytest.raises(HomeAssistantError) as error:
        await limit(hass, "max_power", 50)
    assert error.value.translation_key == "parameters_refused"
    assert error.value.translation_placeholders == {"pile": DC_PILE}
    assert state(hass, "number", "max_power") == STATE_UNKNOWN
    assert pile_settings(stored(site, DC_PILE).data) == PileSettings()


async def test_kilowatts(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """With the rated power the limit is there in kW too; it comes, follows and goes live."""
    registry = er.async_get(hass)
    unique_id = f"{DC_PILE}_max_power_kw"
    assert registry.async_get_entity_id("number", DOMAIN, unique_id) is None
    await go_on(hass, await reconfigure(hass, site, DC_PILE), name="Carport", rated_power=7)
    await limit(hass, "max_power_kw", 2.1)
    assert pile.power_percent == 30
    assert state(hass, "number", "max_power_kw") == "2.1"
    # 3.6 kW are 51.4 %: never more than was asked for.
    await limit(hass, "max_power_kw", 3.6)
    assert pile.power_percent == 51
    assert state(hass, "number", "max_power_kw") == "3.57"
    with pytest.raises(HomeAssistantError):
        await limit(hass, "max_power_kw", 7.5)

    result = await reconfigure(hass, site, DC_PILE)
    await go_on(hass, result, name="Carport", rated_power=120)
    await wait_for(lambda: state(hass, "number", "max_power_kw") == "61.2")
    await go_on(hass, await reconfigure(hass, site, DC_PILE), name="Carport")
    assert registry.async_get_entity_id("number", DOMAIN, unique_id) is None
    assert pile.online
