"""What doc/other-programs.md has people set up for evcc charges a pile, as evcc would."""

from pathlib import Path
import re
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
import yaml

from simulator import VirtualPile

from .conftest import AC_PILE, MakePile, entity_id, wait_for

TEXT = (Path(__file__).parents[2] / "doc/other-programs.md").read_text(encoding="utf-8")
STATUS = "sensor.evcc_carport_status"
ALLOWED = "input_boolean.evcc_carport"
CURRENT = "input_number.evcc_carport"

pytestmark = pytest.mark.usefixtures("entity_registry_enabled_by_default")


def examples() -> list[str]:
    """Return the YAML of the document: the package, then evcc's own."""
    return re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)


@pytest.fixture
async def ac_pile(hass: HomeAssistant, site: MockConfigEntry, make_pile: MakePile) -> VirtualPile:
    """Set up the package for the AC pile of the site, and switch that on."""
    text = examples()[0]
    for shown, (platform, key, gun) in {
        "binary_sensor.carport_gun_1_plugged_in": ("binary_sensor", "plugged", 1),
        "binary_sensor.carport_gun_1_charging": ("binary_sensor", "charging", 1),
        "sensor.carport_gun_1_status": ("sensor", "status", 1),
        "number.carport_maximum_power": ("number", "max_power", None),
    }.items():
        assert shown in text
        text = text.replace(shown, entity_id(hass, platform, key, code=AC_PILE, gun=gun))
    assert "carport_gun" not in text
    package: dict[str, Any] = yaml.safe_load(text)
    for domain in package:
        assert await async_setup_component(hass, domain, package)
    await hass.async_block_till_done()
    pile = await make_pile(AC_PILE, guns=1, pile_type="ac")
    await shows(hass, "A")
    return pile


async def allow(hass: HomeAssistant, service: str) -> None:
    """Allow charging or not, as evcc does."""
    await hass.services.async_call("input_boolean", service, {"entity_id": ALLOWED}, blocking=True)


async def shows(hass: HomeAssistant, status: str) -> None:
    """Wait until evcc sees a status: nothing there (A), a vehicle (B), charging (C)."""
    await wait_for(lambda: hass.states.is_state(STATUS, status))


async def limited(pile: VirtualPile, percent: int) -> None:
    """Wait until a pile uses so much of its power."""
    await wait_for(lambda: pile.power_percent == percent)


async def test_one_start_for_a_plug_in(hass: HomeAssistant, ac_pile: VirtualPile) -> None:
    """What was allowed before begins with the plug; a full vehicle is not charged again, the next one is."""
    await allow(hass, "turn_on")
    await shows(hass, "A")
    assert ac_pile.gun(1).charge is None
    await ac_pile.plug(1)
    await shows(hass, "C")

    await ac_pile.stop_locally(1)
    await shows(hass, "B")
    assert hass.states.is_state(ALLOWED, "on")
    assert ac_pile.gun(1).charge is None
    await ac_pile.unplug(1)
    await shows(hass, "A")
    await ac_pile.plug(1)
    await shows(hass, "C")

    await allow(hass, "turn_off")
    await shows(hass, "B")
    await allow(hass, "turn_on")
    await shows(hass, "C")


async def test_amperes(hass: HomeAssistant, ac_pile: VirtualPile) -> None:
    """Amperes reach the pile as percents, never more than was allowed; evcc need not wait for that."""
    for amperes, percent in ((16, 50), (10, 31), (32, 100)):
        data = {"entity_id": CURRENT, "value": amperes}
        await hass.services.async_call("input_number", "set_value", data, blocking=True)
        await limited(ac_pile, percent)


def test_what_evcc_is_told(hass: HomeAssistant) -> None:
    """Its own configuration names helpers that the package makes, and the least current that it allows."""
    package, evcc = map(yaml.safe_load, examples())
    (charger,) = evcc["chargers"]
    assert charger["enabled"] == charger["enable"] == f"input_boolean.{next(iter(package['input_boolean']))}"
    helper = package["input_number"]["evcc_carport"]
    assert charger["setMaxCurrent"] == CURRENT
    (loadpoint,) = evcc["loadpoints"]
    assert (loadpoint["mincurrent"], loadpoint["maxcurrent"]) == (helper["min"], helper["max"])
