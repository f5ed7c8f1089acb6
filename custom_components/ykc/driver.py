"""A driver as Home Assistant stores it: a subentry of the listener at whose piles the driver charges."""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
import re
from typing import TYPE_CHECKING, Any, Final

from homeassistant.config_entries import ConfigEntry, ConfigEntryState, ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError

from .const import (
    CONF_ACCOUNT,
    CONF_CARD,
    CONF_CHARGE_LIMIT,
    CONF_ENABLED,
    CONF_LOGICAL_CARD,
    CONF_OFFLINE_USE,
    CONF_PASSWORD_HASH,
    CONF_PAYMENT,
    CONF_PILES,
    CONF_UNKNOWN_DRIVERS,
    CONF_VIN,
    DOMAIN,
    PAYMENT_PREPAID,
    SUBENTRY_TYPE_DRIVER,
)
from .protocol import card
from .server.access import Access, Driver, Policy
from .server.booking import Booking
from .server.ledger import Ledger

if TYPE_CHECKING:
    from .coordinator import YkcConfigEntry

ATTR_DRIVER: Final = "driver"

_CARD = re.compile(r"(?=.*[1-9a-f])[0-9a-f]{1,16}")
_NUMBER = re.compile(r"(?=.*[1-9])[0-9]{1,16}")
_VIN = re.compile(r"[0-9A-Z]{17}")
_DIGITS = 16


def _compact(text: str) -> str:
    """Return a number without what people write between its digits."""
    return re.sub(r"[\s:-]", "", text)


def read_card(text: str) -> str | None:
    """Return a typed physical card number as it is sent, None if it is none."""
    card = _compact(text).lower()
    return card.zfill(_DIGITS) if _CARD.fullmatch(card) else None


def card_field(field: str) -> Callable[[Any], str]:
    """Return what reads a card number from an action's field, as it is sent; raises ServiceValidationError."""

    def read(value: Any) -> str:
        try:
            return card(_compact(str(value)))
        except ValueError:
            raise ServiceValidationError(
                translation_domain=DOMAIN,
                translation_key="card_number_invalid",
                translation_placeholders={"field": field},
            ) from None

    return read


def read_number(text: str) -> str | None:
    """Return a typed logical card or account number as it is sent, None if it is none."""
    number = _compact(text)
    return number.zfill(_DIGITS) if _NUMBER.fullmatch(number) else None


def read_vin(text: str) -> str | None:
    """Return a typed VIN as it is compared, None if it is none."""
    vin = _compact(text).upper()
    return vin if _VIN.fullmatch(vin) else None


def is_prepaid(data: Mapping[str, Any]) -> bool:
    """Tell whether a stored driver charges on a balance."""
    return bool(data.get(CONF_PAYMENT) == PAYMENT_PREPAID)


def stored_driver(driver_id: str, name: str, data: Mapping[str, Any]) -> Driver:
    """Return a stored driver as the server knows one."""
    piles, limit = data[CONF_PILES], data.get(CONF_CHARGE_LIMIT)
    return Driver(
        id=driver_id,
        name=name,
        card=data[CONF_CARD],
        vin=data[CONF_VIN],
        account=data[CONF_ACCOUNT],
        password_hash=data[CONF_PASSWORD_HASH],
        enabled=data[CONF_ENABLED],
        offline=data.get(CONF_OFFLINE_USE, False),
        piles=frozenset(piles) if piles else None,
        prepaid=is_prepaid(data),
        charge_limit=None if limit is None else Decimal(str(limit)),
        # Where nobody gave one, the pile shows none.
        **({} if data[CONF_LOGICAL_CARD] is None else {"logical_card": data[CONF_LOGICAL_CARD]}),
    )


def drivers(entry: ConfigEntry) -> list[ConfigSubentry]:
    """Return the drivers of a listener."""
    return entry.get_subentries_of_type(SUBENTRY_TYPE_DRIVER)


def access(entry: ConfigEntry) -> Access:
    """Return who may start at the piles of a listener."""
    return Access(
        drivers=tuple(_known(driver) for driver in drivers(entry)),
        policy=Policy(entry.options.get(CONF_UNKNOWN_DRIVERS, Policy.REFUSE)),
    )


def _known(driver: ConfigSubentry) -> Driver:
    return stored_driver(driver.subentry_id, driver.title, driver.data)


def drivers_named(entries: Iterable[ConfigEntry], text: str) -> list[tuple[ConfigEntry, Driver]]:
    """Return the drivers who have a name, whatever its case, or an id."""
    name = text.strip()
    return [
        (entry, _known(driver))
        for entry in entries
        for driver in drivers(entry)
        if driver.title.casefold() == name.casefold() or driver.subentry_id == name
    ]


def driver_ids(hass: HomeAssistant, text: str | None) -> frozenset[str]:
    """Return the ids of the drivers who are called so now; an id is that of a driver who was deleted, too."""
    if not text:
        return frozenset()
    named = drivers_named(hass.config_entries.async_entries(DOMAIN), text)
    return frozenset({text.strip(), *(driver.id for _, driver in named)})


def find_driver(hass: HomeAssistant, text: str, entry: ConfigEntry | None = None) -> tuple[ConfigEntry, Driver]:
    """Return the driver who has a name or an id, of any listener or of one.

    Raises `ServiceValidationError` when there is none, or more than one.
    """
    entries = hass.config_entries.async_entries(DOMAIN) if entry is None else [entry]
    found = drivers_named(entries, text)
    if len(found) != 1:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="several_drivers" if found else "unknown_driver",
            translation_placeholders={"driver": text},
        )
    return found[0]


async def deleted_drivers(hass: HomeAssistant, ledger: Ledger, text: str | None = None) -> list[Booking]:
    """Return those whose balance is in the ledger and who are drivers no more: all, or who had a name or an id.

    Raises `LedgerError`.
    """
    known = {driver.subentry_id for entry in hass.config_entries.async_entries(DOMAIN) for driver in drivers(entry)}
    name = None if text is None else text.strip()
    return [
        holder
        for holder in await ledger.account_holders()
        if holder.driver not in known
        and (name is None or holder.name.casefold() == name.casefold() or holder.driver == name)
    ]


def find_prepaid(hass: HomeAssistant, text: str) -> tuple[YkcConfigEntry, Driver]:
    """Return the prepaid driver who has a name or an id, with the listener, which must run.

    Raises `ServiceValidationError`.
    """
    entry, driver = find_driver(hass, text)
    if not driver.prepaid or entry.state is not ConfigEntryState.LOADED:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="listener_not_loaded" if driver.prepaid else "driver_not_prepaid",
            translation_placeholders={"driver": driver.name, "listener": entry.title},
        )
    return entry, driver


def prepaid_drivers(hass: HomeAssistant) -> list[Driver]:
    """Return the prepaid drivers of all listeners, by name."""
    known = [_known(driver) for entry in hass.config_entries.async_entries(DOMAIN) for driver in drivers(entry)]
    return sorted((driver for driver in known if driver.prepaid), key=lambda driver: driver.name)
