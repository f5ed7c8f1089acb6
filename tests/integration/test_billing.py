"""Billing models from the forms to the piles, and bills that differ from them."""

from functools import partial
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.ykc.options import next_number, next_own_number
from simulator import VirtualPile

from .conftest import AC_PILE, DC_PILE, MakePile, entity_id, state, wait_for
from .test_config_flow import PRICES, TIMES, open_options
from .test_subentry_flow import go_on, reconfigure

pytestmark = pytest.mark.usefixtures("entity_registry_enabled_by_default")


async def set_prices(hass: HomeAssistant, site: MockConfigEntry, **changes: Any) -> None:
    """Change the listener's billing model."""
    result = await open_options(hass, site, "billing_model")
    await hass.config_entries.options.async_configure(result["flow_id"], PRICES | TIMES | changes)
    await hass.async_block_till_done()


def number(pile: VirtualPile) -> str | None:
    """Return the number of the model that a pile has."""
    return None if pile.tariff is None else pile.tariff.model


def has(pile: VirtualPile, expected: str) -> bool:
    """Tell whether a pile has a model."""
    return number(pile) == expected


def mismatch_is(hass: HomeAssistant, expected: str) -> bool:
    """Tell what is shown of the newest bill."""
    return state(hass, "binary_sensor", "bill_mismatch", gun=1) == expected


async def shows(hass: HomeAssistant, value: str, code: str = DC_PILE) -> None:
    """Wait until the sensor shows how far the model is."""
    await wait_for(lambda: state(hass, "sensor", "billing_model", code=code) == value)


async def test_pushed_when_it_changed(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """A changed model reaches an idle pile at once, and a charging one after its charge."""
    await shows(hass, "in_force")
    assert number(pile) == "0100"
    await set_prices(hass, site)
    await wait_for(lambda: number(pile) == "0101")
    await shows(hass, "in_force")

    await pile.plug(1)
    target = {"entity_id": entity_id(hass, "switch", "charging", gun=1)}
    await hass.services.async_call("switch", "turn_on", target, blocking=True)
    await wait_for(lambda: state(hass, "sensor", "status", gun=1) == "charging")
    await set_prices(hass, site, flat_energy_price=0.8)
    await shows(hass, "pending")
    assert number(pile) == "0101"
    await hass.services.async_call("switch", "turn_off", target, blocking=True)
    await wait_for(lambda: number(pile) == "0102")
    await shows(hass, "in_force")


async def test_refused(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """A pile that does not take it is seen."""
    await shows(hass, "in_force")
    pile.behaviour.refuses_model = True
    await set_prices(hass, site)
    await shows(hass, "refused")
    assert number(pile) == "0100"


async def test_own_model(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile, make_pile: MakePile) -> None:
    """One pile has prices of its own, with a number that no other model has; and gives them up again."""
    other = await make_pile(AC_PILE, pile_type="ac")
    await shows(hass, "in_force")
    await shows(hass, "in_force", AC_PILE)
    for prices, expected in (({}, "5000"), ({"flat_energy_price": 0.9}, "5001"), ({}, "5002"), ({}, "5002")):
        result = await go_on(hass, await reconfigure(hass, site, DC_PILE), name="Carport", own_billing_model=True)
        assert result["step_id"] == "billing_model"
        broken = await go_on(hass, result, **PRICES | TIMES | {"flat_times": "06:00-08:00"})
        assert broken["errors"] == {"base": "times_missing"}
        assert broken["description_placeholders"] == {"code": DC_PILE, "times": "12:00-18:00"}
        result = await go_on(hass, broken, **PRICES | TIMES | prices)
        assert result["type"] is FlowResultType.ABORT
        assert result["reason"] == "reconfigure_successful"
        await wait_for(partial(has, pile, expected))
    assert number(other) == "0100"
    await set_prices(hass, site)
    await wait_for(lambda: number(other) == "0101")
    assert number(pile) == "5002"

    await go_on(hass, await reconfigure(hass, site, DC_PILE), name="Carport", own_billing_model=False)
    await wait_for(lambda: number(pile) == "0101")
    result = await go_on(hass, await reconfigure(hass, site, DC_PILE), name="Carport", own_billing_model=True)
    await go_on(hass, result, **PRICES | TIMES)
    await wait_for(lambda: number(pile) == "5003")
    assert pile.online


async def test_bill(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """A bill by the model is no problem, one with other prices is."""
    await shows(hass, "in_force")
    await pile.plug(1)
    target = {"entity_id": entity_id(hass, "switch", "charging", gun=1)}
    for factor, mismatch in ((1, "off"), (2, "on")):
        assert pile.tariff is not None
        object.__setattr__(pile.tariff, "prices", tuple(price * factor for price in pile.tariff.prices))
        await hass.services.async_call("switch", "turn_on", target, blocking=True)
        await wait_for(lambda: float(state(hass, "sensor", "session_energy", gun=1) or 0) > 0.5)
        await hass.services.async_call("switch", "turn_off", target, blocking=True)
        await wait_for(partial(mismatch_is, hass, mismatch))


def test_numbers_differ() -> None:
    """Counters run round within their ranges."""
    assert [next_number(last) for last in ("0100", "4998", "4999")] == ["0101", "4999", "0001"]
    assert [next_own_number(last) for last in (None, "5000", "9999")] == ["5000", "5001", "5000"]
