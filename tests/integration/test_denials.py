"""Every reason that a pile can be given for a refusal (8.2), from its cause to the pile's screen."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
import voluptuous as vol

from custom_components.ykc.access_actions import DENIALS
from custom_components.ykc.const import DOMAIN
from custom_components.ykc.protocol import StartDenial
from simulator import VirtualPile

from .conftest import AC_PILE, device_id, entity_id, state, wait_for
from .test_drivers import CARD, VIN, add, answered, set_policy
from .test_prepaid import PREPAID, ask, settled, top_up


async def nothing(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """Let everything be as it is."""


async def out_of_service(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """Take the pile out of service."""
    switch = entity_id(hass, "switch", "in_service")
    await hass.services.async_call("switch", "turn_off", {"entity_id": switch}, blocking=True)


async def busy(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """Let the gun have a charge that waits for its plug."""
    await ask(hass, "start_charging", device_id=device_id(hass, site, gun=1))


async def overdrawn(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """Let the driver owe something."""
    await top_up(hass, -5, correction=True)


async def by_card(pile: VirtualPile) -> None:
    """Show the card."""
    await pile.show_card(1, CARD)


async def by_password(pile: VirtualPile) -> None:
    """Type the account and a wrong password."""
    await pile.type_account(1, "1", "wrong")


async def by_vin(pile: VirtualPile) -> None:
    """Plug in a vehicle that the pile reads."""
    await pile.show_vin(1, VIN)


@dataclass(frozen=True)
class Cause:
    """Why a driver is refused."""

    driver: dict[str, Any] | None = None
    before: Callable[[HomeAssistant, MockConfigEntry, VirtualPile], Awaitable[None]] = nothing
    asks: Callable[[VirtualPile], Awaitable[None]] = by_card
    known: dict[str, Any] = field(default_factory=dict)


CAUSES = {
    "no_account": Cause(),
    "account_frozen": Cause({"enabled": False}),
    "balance_too_low": Cause(PREPAID),
    "card_has_unpaid_session": Cause(PREPAID, overdrawn),
    "pile_disabled": Cause({}, out_of_service),
    "not_allowed_here": Cause({"piles": [AC_PILE]}),
    "wrong_password": Cause({"account": "1", "password": "right"}, asks=by_password),
    "vin_unknown": Cause({}, asks=by_vin),
    "pile_has_unpaid_session": Cause({}, busy),
}


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
@pytest.mark.parametrize("reason", CAUSES)
async def test_cause(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile, reason: str) -> None:
    """Each cause has its reason, on the pile and in the event, and no charge follows."""
    cause = CAUSES[reason]
    if cause.driver is not None:
        await add(hass, site, card=CARD, **cause.driver)
    await cause.before(hass, site, pile)
    await cause.asks(pile)
    assert (await answered(hass, pile)).reason == StartDenial[reason.upper()]
    event = entity_id(hass, "event", "start_request", gun=1)

    def told() -> object:
        shown = hass.states.get(event)
        return shown and shown.attributes.get("reason")

    await wait_for(lambda: told() == reason)
    assert pile.gun(1).charge is None
    assert pile.complaints == []


@pytest.mark.parametrize("reason", DENIALS)
async def test_answer(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile, reason: str) -> None:
    """Who decides on a stranger may give any reason, among them those that only a person or a meter knows."""
    await set_policy(hass, site, "ask")
    await pile.show_card(1, CARD)
    await answer(hass, site, authorised=False, reason=reason)
    assert (await answered(hass, pile)).reason == StartDenial[reason.upper()]


def test_every_reason_has_its_cause() -> None:
    """What the platform never finds itself is given by whoever answers."""
    assert DENIALS.keys() - CAUSES.keys() == {"site_capacity", "cards_not_supported"}
    assert DENIALS.keys() == {reason.slug for reason in StartDenial if reason}


async def answer(hass: HomeAssistant, entry: MockConfigEntry, **data: Any) -> None:
    """Decide on the driver at gun 1 as soon as there is one."""
    call = {"device_id": device_id(hass, entry, gun=1), **data}

    def asked() -> bool:
        pending = next(iter(entry.runtime_data.piles.values())).pile.start_requests._pending.get(1)
        return pending is not None and pending.asked

    await wait_for(asked)
    await hass.services.async_call(DOMAIN, "answer_start_request", call, blocking=True)


async def test_answer_with_a_driver(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """A stranger's charge may be booked on a driver, whose balance pays it; one who can't pay is refused all the same."""
    await add(hass, site, card="1", logical_card="573", **PREPAID)
    await set_policy(hass, site, "ask")
    await pile.plug(1)
    await pile.show_card(1, CARD)
    await answer(hass, site, authorised=True, driver="Anna")
    assert (await answered(hass, pile)).reason == StartDenial.BALANCE_TOO_LOW
    await top_up(hass, 12)
    await pile.show_card(1, CARD)
    await answer(hass, site, authorised=True, driver="Anna")
    granted = await answered(hass, pile, 2)
    assert (granted.authorised, float(granted.balance), granted.logical_card) == (1, 12.0, "573".zfill(16))
    await wait_for(lambda: state(hass, "sensor", "status", gun=1) == "charging")
    session = await settled(hass, pile)
    assert (session["driver"], session["card"]) == ("Anna", CARD)


async def test_wrong_answers(hass: HomeAssistant, site: MockConfigEntry, pile: VirtualPile) -> None:
    """A reason that is none, and a driver whom nobody knows, are errors; the driver at the pile still waits."""
    await set_policy(hass, site, "ask")
    await pile.show_card(1, CARD)
    with pytest.raises(ServiceValidationError) as error:
        await answer(hass, site, authorised=True, driver="Zoe")
    assert error.value.translation_key == "unknown_driver"
    with pytest.raises(vol.Invalid):
        await answer(hass, site, authorised=False, reason="none")
    await answer(hass, site, authorised=True)
    assert (await answered(hass, pile)).authorised
