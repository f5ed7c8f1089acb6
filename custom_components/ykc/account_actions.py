"""The actions for prepaid balances."""

from functools import partial
from typing import Any, Final

from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse, callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.service import async_register_admin_service
import voluptuous as vol

from .const import DOMAIN
from .driver import ATTR_DRIVER, deleted_drivers, drivers_named, find_driver, find_prepaid, prepaid_drivers
from .exceptions import translated_errors
from .ledger import readable_ledger
from .money import money
from .server.accounts import Account, AccountEntry, EntryKind
from .server.booking import Booking
from .server.ledger import Ledger
from .server.limits import MAX_BALANCE

ACTION_TOP_UP: Final = "top_up"
ACTION_GET_BALANCES: Final = "get_balances"
ACTION_SETTLE_UNPAID: Final = "settle_unpaid"

ATTR_AMOUNT: Final = "amount"
ATTR_CORRECTION: Final = "correction"
ATTR_ENTRIES: Final = "entries"
ATTR_NOTE: Final = "note"

DEFAULT_ENTRIES: Final = 10
MAX_ENTRIES: Final = 1000
MAX_NOTE: Final = 200

type Values = dict[str, Any]


TOP_UP_SCHEMA: Final = vol.Schema(
    {
        vol.Required(ATTR_DRIVER): cv.string,
        vol.Required(ATTR_AMOUNT): money(least=-MAX_BALANCE),
        vol.Optional(ATTR_CORRECTION, default=False): cv.boolean,
        vol.Optional(ATTR_NOTE, default=""): vol.All(cv.string, vol.Length(max=MAX_NOTE)),
    }
)
SETTLE_SCHEMA: Final = vol.Schema({vol.Required(ATTR_DRIVER): cv.string})
BALANCES_SCHEMA: Final = vol.Schema(
    {
        vol.Optional(ATTR_DRIVER): cv.string,
        vol.Optional(ATTR_ENTRIES, default=DEFAULT_ENTRIES): vol.All(
            vol.Coerce(int), vol.Range(min=0, max=MAX_ENTRIES)
        ),
    }
)


@callback
def async_setup_account_actions(hass: HomeAssistant) -> None:
    """Register the actions; those that move money are for administrators and automations."""
    for name, action, schema in (
        (ACTION_TOP_UP, _async_top_up, TOP_UP_SCHEMA),
        (ACTION_SETTLE_UNPAID, _async_settle_unpaid, SETTLE_SCHEMA),
    ):
        async_register_admin_service(
            hass,
            DOMAIN,
            name,
            partial(action, hass),
            schema=schema,
            supports_response=SupportsResponse.OPTIONAL,
        )
    hass.services.async_register(
        DOMAIN,
        ACTION_GET_BALANCES,
        _async_get_balances,
        schema=BALANCES_SCHEMA,
        supports_response=SupportsResponse.ONLY,
    )


async def _async_top_up(hass: HomeAssistant, call: ServiceCall) -> ServiceResponse:
    """Add to a driver's balance, and return what it has come to."""
    entry, driver = find_prepaid(hass, call.data[ATTR_DRIVER])
    amount, correction = call.data[ATTR_AMOUNT], call.data[ATTR_CORRECTION]
    if not amount or (amount < 0 and not correction):
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="top_up_not_positive")
    kind = EntryKind.CORRECTION if correction else EntryKind.TOP_UP
    with translated_errors():
        account = await entry.runtime_data.async_change_balance(driver, kind, amount, call.data[ATTR_NOTE])
    return _balance(driver.booking, account)


async def _async_settle_unpaid(hass: HomeAssistant, call: ServiceCall) -> ServiceResponse:
    """Take what was reported of a driver's sessions that have no bill, and return the balance."""
    entry, driver = find_prepaid(hass, call.data[ATTR_DRIVER])
    with translated_errors():
        account = await entry.runtime_data.async_settle_unpaid(driver)
    return _balance(driver.booking, account)


async def _async_get_balances(call: ServiceCall) -> ServiceResponse:
    """Return the balances of one or all prepaid drivers, of deleted ones to administrators, and what changed them."""
    hass, name, limit = call.hass, call.data.get(ATTR_DRIVER), call.data[ATTR_ENTRIES]
    async with readable_ledger(hass) as ledger:
        deleted = await deleted_drivers(hass, ledger, name) if await _is_admin(call) else []
        if name is None:
            known = prepaid_drivers(hass)
        else:
            gone_only = deleted and not drivers_named(hass.config_entries.async_entries(DOMAIN), name)
            known = [] if gone_only else [find_driver(hass, name)[1]]
        holders = [(driver.booking, False) for driver in known] + [(holder, True) for holder in deleted]
        return {"balances": [await _with_entries(ledger, holder, limit, gone) for holder, gone in holders]}


async def _is_admin(call: ServiceCall) -> bool:
    """Tell whether an administrator calls, or an automation."""
    if call.context.user_id is None:
        return True
    user = await call.hass.auth.async_get_user(call.context.user_id)
    return user is not None and user.is_admin


async def _with_entries(ledger: Ledger, holder: Booking, limit: int, deleted: bool) -> Values:
    entries = await ledger.account_entries(holder.driver, limit)
    account = await ledger.account(holder.driver)
    return _balance(holder, account) | {"deleted": deleted, "entries": [_entry(entry) for entry in entries]}


def _balance(holder: Booking, account: Account) -> Values:
    return {
        "driver": holder.name,
        "driver_id": holder.driver,
        "balance": float(account.balance),
        "reserved": float(account.reserved),
        "available": float(account.available),
    }


def _entry(entry: AccountEntry) -> Values:
    return {
        "time": entry.at.isoformat(),
        "kind": str(entry.kind),
        "amount": float(entry.amount),
        "balance": float(entry.balance),
        "pile": entry.pile,
        "transaction": entry.transaction,
        "note": entry.note,
    }
