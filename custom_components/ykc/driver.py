"""A driver as Home Assistant stores it: a subentry of the listener at whose piles the driver charges."""

from collections.abc import Mapping
import re
from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigSubentry

from .const import (
    CONF_ACCOUNT,
    CONF_CARD,
    CONF_ENABLED,
    CONF_LOGICAL_CARD,
    CONF_PASSWORD_HASH,
    CONF_PILES,
    CONF_UNKNOWN_DRIVERS,
    CONF_VIN,
    SUBENTRY_TYPE_DRIVER,
)
from .server.access import Access, Driver, Policy

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


def read_number(text: str) -> str | None:
    """Return a typed logical card or account number as it is sent, None if it is none."""
    number = _compact(text)
    return number.zfill(_DIGITS) if _NUMBER.fullmatch(number) else None


def read_vin(text: str) -> str | None:
    """Return a typed VIN as it is compared, None if it is none."""
    vin = _compact(text).upper()
    return vin if _VIN.fullmatch(vin) else None


def stored_driver(driver_id: str, name: str, data: Mapping[str, Any]) -> Driver:
    """Return a stored driver as the server knows one."""
    piles = data[CONF_PILES]
    return Driver(
        id=driver_id,
        name=name,
        card=data[CONF_CARD],
        vin=data[CONF_VIN],
        account=data[CONF_ACCOUNT],
        password_hash=data[CONF_PASSWORD_HASH],
        enabled=data[CONF_ENABLED],
        piles=frozenset(piles) if piles else None,
        # Where nobody gave one, the pile shows none.
        **({} if data[CONF_LOGICAL_CARD] is None else {"logical_card": data[CONF_LOGICAL_CARD]}),
    )


def drivers(entry: ConfigEntry) -> list[ConfigSubentry]:
    """Return the drivers of a listener."""
    return entry.get_subentries_of_type(SUBENTRY_TYPE_DRIVER)


def access(entry: ConfigEntry) -> Access:
    """Return who may start at the piles of a listener."""
    return Access(
        drivers=tuple(stored_driver(driver.subentry_id, driver.title, driver.data) for driver in drivers(entry)),
        policy=Policy(entry.options.get(CONF_UNKNOWN_DRIVERS, Policy.REFUSE)),
    )
