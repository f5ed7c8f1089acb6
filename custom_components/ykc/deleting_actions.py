"""The actions that delete: a removed pile's sessions, people in sessions, a deleted driver's balance.

Nothing brings back what they delete. So each of them only tells what it would do, unless it is confirmed.
"""

from functools import partial
from typing import Final

from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse, callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.service import async_register_admin_service
from homeassistant.util import dt as dt_util
import voluptuous as vol

from .const import DOMAIN
from .coordinator import YkcConfigEntry
from .driver import ATTR_DRIVER, card_field, deleted_drivers, driver_ids, drivers_named
from .exceptions import translated_errors
from .ledger import deleted_statistics, readable_ledger
from .server.booking import Booking
from .server.ledger import Ledger
from .server.sessions import SessionFilter
from .session_actions import ATTR_CARD, ATTR_END_TIME, moment
from .subentry import async_approved_codes

ACTION_DELETE_PILE_DATA: Final = "delete_pile_data"
ACTION_ANONYMISE_SESSIONS: Final = "anonymise_sessions"
ACTION_CLOSE_BALANCE: Final = "close_balance"

ATTR_CONFIRM: Final = "confirm"
ATTR_PILE: Final = "pile"

_CONFIRM: Final = {vol.Optional(ATTR_CONFIRM, default=False): cv.boolean}
PILE_SCHEMA: Final = vol.Schema({vol.Required(ATTR_PILE): vol.All(cv.string, str.strip, str.lower), **_CONFIRM})
SESSIONS_SCHEMA: Final = vol.Schema(
    {
        vol.Required(ATTR_END_TIME): moment,
        vol.Optional(ATTR_CARD): card_field(ATTR_CARD),
        vol.Optional(ATTR_DRIVER): cv.string,
        **_CONFIRM,
    }
)
BALANCE_SCHEMA: Final = vol.Schema({vol.Required(ATTR_DRIVER): cv.string, **_CONFIRM})


@callback
def async_setup_deleting_actions(hass: HomeAssistant) -> None:
    """Register the actions, all for administrators and automations."""
    for name, action, schema in (
        (ACTION_DELETE_PILE_DATA, _async_delete_pile_data, PILE_SCHEMA),
        (ACTION_ANONYMISE_SESSIONS, _async_anonymise_sessions, SESSIONS_SCHEMA),
        (ACTION_CLOSE_BALANCE, _async_close_balance, BALANCE_SCHEMA),
    ):
        async_register_admin_service(
            hass, DOMAIN, name, partial(action, hass), schema=schema, supports_response=SupportsResponse.OPTIONAL
        )


async def _async_delete_pile_data(hass: HomeAssistant, call: ServiceCall) -> ServiceResponse:
    """Delete what the ledger and the recorder's statistics have of a pile that was removed."""
    code, confirmed = call.data[ATTR_PILE], _is_confirmed(call)
    async with readable_ledger(hass) as ledger:
        with translated_errors():
            found = await ledger.delete_pile(code, _async_in_use(hass), rehearse=True)
            if confirmed:
                async with deleted_statistics(hass, found.codes):
                    found = await ledger.delete_pile(code, _async_in_use(hass))
    return {
        "confirmed": confirmed,
        "pile": found.pile,
        "sessions": found.sessions,
        "energy": float(found.energy),
        "amount": float(found.amount),
    }


async def _async_anonymise_sessions(hass: HomeAssistant, call: ServiceCall) -> ServiceResponse:
    """Take cards, VINs and drivers out of the sessions that ended before a time."""
    confirmed, name = _is_confirmed(call), call.data.get(ATTR_DRIVER)
    wanted = SessionFilter(
        until=call.data[ATTR_END_TIME],
        card=call.data.get(ATTR_CARD),
        driver=name and name.strip(),
        driver_ids=driver_ids(hass, name),
    )
    async with readable_ledger(hass) as ledger:
        with translated_errors():
            found = await ledger.forget_people(wanted, rehearse=not confirmed)
    return {
        "confirmed": confirmed,
        "sessions": found.sessions,
        "starts": found.starts,
        "unbilled": found.unbilled,
    }


async def _async_close_balance(hass: HomeAssistant, call: ServiceCall) -> ServiceResponse:
    """Delete the balance of a driver who was deleted, with its journal, and return what was left."""
    confirmed = _is_confirmed(call)
    async with readable_ledger(hass) as ledger:
        holder = await _find_deleted(hass, ledger, call.data[ATTR_DRIVER])
        with translated_errors():
            left = await ledger.close_account(holder, _async_in_use(hass), dt_util.utcnow(), rehearse=not confirmed)
    return {
        "confirmed": confirmed,
        "driver": holder.name,
        "driver_id": holder.driver,
        "balance": float(left.balance),
    }


async def _find_deleted(hass: HomeAssistant, ledger: Ledger, text: str) -> Booking:
    """Return the deleted driver with a balance who had a name or an id; raises `ServiceValidationError`."""
    found = await deleted_drivers(hass, ledger, text)
    if len(found) == 1:
        return found[0]
    if found:
        key = "several_deleted_drivers"
    else:
        key = (
            "driver_not_deleted" if drivers_named(hass.config_entries.async_entries(DOMAIN), text) else "unknown_driver"
        )
    raise ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key=key,
        translation_placeholders={"driver": text, "ids": ", ".join(holder.driver for holder in found)},
    )


def _is_confirmed(call: ServiceCall) -> bool:
    """Tell whether a call is to delete; raises `ServiceValidationError` where it would do nothing and tell nobody."""
    confirmed: bool = call.data[ATTR_CONFIRM]
    if not confirmed and not call.return_response:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="not_confirmed")
    return confirmed


@callback
def _async_in_use(hass: HomeAssistant) -> set[str]:
    """Return the codes of the piles that are approved, and of those that a listener is about to let go of."""
    loaded: list[YkcConfigEntry] = hass.config_entries.async_loaded_entries(DOMAIN)
    listened = {coordinator.pile.code for entry in loaded for coordinator in entry.runtime_data.piles.values()}
    return async_approved_codes(hass) | listened
