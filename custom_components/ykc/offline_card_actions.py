"""The actions for the cards that may charge while a pile has no connection."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse, callback
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import config_validation as cv
import voluptuous as vol

from .const import CONF_CARD, DOMAIN
from .coordinator import PileCoordinator
from .driver import drivers, find_driver, read_card, read_number
from .permissions import controls_piles
from .protocol import NO_CARD
from .server.access import masked
from .server.card_list import PROBLEMS, CardState
from .server.offline_cards import OfflineCards
from .targets import async_on_each, targeted_piles

type Cards = Mapping[str, str]
"""With their logical numbers."""
type Command = Callable[[OfflineCards, Cards], Awaitable[dict[str, CardState]]]

ADD: Final = "add_offline_cards"
REMOVE: Final = "remove_offline_cards"
QUERY: Final = "query_offline_cards"

ATTR_CARDS: Final = "cards"
ATTR_DRIVERS: Final = "drivers"
ATTR_LOGICAL_CARDS: Final = "logical_cards"

_TEXTS: Final = vol.All(cv.ensure_list, [cv.string])
QUERY_SCHEMA: Final = vol.Schema(
    {**cv.TARGET_SERVICE_FIELDS, vol.Optional(ATTR_CARDS): _TEXTS, vol.Optional(ATTR_DRIVERS): _TEXTS}
)
ADD_SCHEMA: Final = QUERY_SCHEMA.extend({vol.Optional(ATTR_LOGICAL_CARDS): _TEXTS})

_NOT_DONE: Final = PROBLEMS | {CardState.NO_REPLY}


@callback
def async_setup_offline_card_actions(hass: HomeAssistant) -> None:
    """Register the actions."""
    optional = SupportsResponse.OPTIONAL
    hass.services.async_register(DOMAIN, ADD, _async_add, schema=ADD_SCHEMA, supports_response=optional)
    hass.services.async_register(DOMAIN, REMOVE, _async_remove, schema=QUERY_SCHEMA, supports_response=optional)
    hass.services.async_register(
        DOMAIN, QUERY, _async_query, schema=QUERY_SCHEMA, supports_response=SupportsResponse.ONLY
    )


@controls_piles
async def _async_add(call: ServiceCall) -> ServiceResponse:
    """Store cards in each pile that is named."""
    return await _async_command(call, _some(_cards_of_piles(call)), OfflineCards.add)


@controls_piles
async def _async_remove(call: ServiceCall) -> ServiceResponse:
    """Remove cards from each pile that is named."""
    return await _async_command(call, _some(_cards_of_piles(call)), OfflineCards.remove)


@controls_piles
async def _async_query(call: ServiceCall) -> ServiceResponse:
    """Ask each pile that is named whether it has cards: those that are named, else all that it is to have."""
    return await _async_command(call, _cards_of_piles(call), lambda pile, cards: pile.query(cards or None))


async def _async_command(
    call: ServiceCall, named: Mapping[PileCoordinator, Cards], command: Command
) -> ServiceResponse:
    """Say something of cards to each pile, and return the answers."""

    async def tell(pile: PileCoordinator) -> dict[str, Any]:
        with pile.commanding() as commanded:
            states = await command(commanded.offline_cards, named[pile])
        return _answer(call, pile, states)

    return {"piles": await async_on_each(call.hass, named, tell)}


def _some(named: Mapping[PileCoordinator, Cards]) -> Mapping[PileCoordinator, Cards]:
    """Return the same, if there is a card."""
    if not all(named.values()):
        raise _invalid("offline_cards_none")
    return named


def _cards_of_piles(call: ServiceCall) -> dict[PileCoordinator, Cards]:
    """Return the cards that a call names, with their logical numbers, for each of its piles.

    Drivers are those of the pile's listener. Raises `ServiceValidationError`.
    """
    texts = call.data.get(ATTR_CARDS, [])
    cards = [_read(read_card, text, "offline_card_invalid", place) for place, text in enumerate(texts, start=1)]
    logical = [
        _read(read_number, text, "logical_card_invalid", place)
        for place, text in enumerate(call.data.get(ATTR_LOGICAL_CARDS, []), start=1)
    ]
    if logical and len(logical) != len(cards):
        raise _invalid("logical_cards_count", cards=str(len(cards)), logical_cards=str(len(logical)))
    typed = dict(zip(cards, logical or [NO_CARD] * len(cards), strict=True))
    names = call.data.get(ATTR_DRIVERS, [])
    return {pile: typed | _cards_of_drivers(pile, names) for pile in targeted_piles(call)}


def _read(read: Callable[[str], str | None], text: str, error: str, place: int) -> str:
    number = read(text)
    if number is None:
        # Not the text itself: it may be somebody's card with a slip of the finger.
        raise _invalid(error, place=str(place))
    return number


def _cards_of_drivers(pile: PileCoordinator, names: list[str]) -> dict[str, str]:
    cards: dict[str, str] = {}
    for name in names:
        _, driver = find_driver(pile.hass, name, pile.config_entry)
        if driver.card is None:
            raise _invalid("offline_card_driver_without_card", driver=driver.name)
        cards[driver.card] = driver.logical_card
    return cards


def _invalid(key: str, **placeholders: str) -> ServiceValidationError:
    return ServiceValidationError(translation_domain=DOMAIN, translation_key=key, translation_placeholders=placeholders)


def _answer(call: ServiceCall, pile: PileCoordinator, states: Mapping[str, CardState]) -> dict[str, Any]:
    """Return what a pile said; who wants no response is told what was not done by an error."""
    failed = {card: state for card, state in states.items() if state in _NOT_DONE}
    if failed and not call.return_response:
        reason = next(iter(failed.values()))
        raise HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key=f"offline_cards_{reason}",
            translation_placeholders={
                "pile": pile.name,
                "cards": ", ".join(masked(card) for card, state in failed.items() if state is reason),
            },
        )
    names = {driver.data[CONF_CARD]: driver.title for driver in drivers(pile.config_entry)}
    return {
        "pile": pile.pile.code,
        "name": pile.name,
        "cards": [{"card": card, "driver": names.get(card), "result": str(state)} for card, state in states.items()],
    }
