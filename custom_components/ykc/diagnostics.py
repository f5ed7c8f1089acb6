"""What a person may hand to others who look for a fault: everything but whose it is.

Codes of piles become stand-ins, the same ones throughout, so that frames and states
can be laid side by side. Cards, VINs, accounts, names, addresses and SIM cards are gone.
"""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any, Final

from homeassistant.components.diagnostics import REDACTED, async_redact_data
from homeassistant.const import CONF_HOST
from homeassistant.core import HomeAssistant
from homeassistant.helpers.device_registry import DeviceEntry

from .const import (
    CONF_ACCOUNT,
    CONF_ALLOWED_NETWORKS,
    CONF_AREA,
    CONF_CARD,
    CONF_LOGICAL_CARD,
    CONF_MESSAGE_PILES,
    CONF_PASSWORD_HASH,
    CONF_PILES,
    CONF_PINNED_ADDRESS,
    CONF_REPLACED_CODE,
    CONF_VIN,
    DEFAULT_HOST,
)
from .coordinator import PileCoordinator, YkcConfigEntry
from .driver import drivers
from .protocol import PILE_DIGITS, StandIns
from .server.ledger import LedgerError
from .subentry import piles

TO_REDACT: Final = {
    CONF_ACCOUNT,
    CONF_ALLOWED_NETWORKS,
    CONF_AREA,
    CONF_CARD,
    CONF_LOGICAL_CARD,
    CONF_PASSWORD_HASH,
    CONF_PINNED_ADDRESS,
    CONF_VIN,
    "address",
    "contested_by",
    "driver",
    "refused_address",
    "sim",
}
_EVERYWHERE: Final = (DEFAULT_HOST, "::")
_TRANSACTION: Final = "transaction"


async def async_get_config_entry_diagnostics(hass: HomeAssistant, entry: YkcConfigEntry) -> dict[str, Any]:
    """Return what is known of a listener, its piles and its drivers."""
    hub = entry.runtime_data
    stand_ins = _stand_ins(entry)
    host = entry.data[CONF_HOST]
    told = {
        "entry": {
            "data": {**entry.data, CONF_HOST: host if host in _EVERYWHERE else REDACTED},
            "options": dict(entry.options),
            "drivers": [dict(driver.data) for driver in drivers(entry)],
        },
        "listener": {
            "connections": hub.listener.connection_count,
            "connections_not_logged_in": hub.listener.stranger_count,
            "networks_allowed": len(hub.listener.networks.allowed),
            "piles_waiting_for_approval": [_plain(waiting, stand_ins) for waiting in hub.discovery.waiting.values()],
            "trouble": dict(hub.listener.trouble.counts),
        },
        "ledger": await _ledger(entry),
        "piles": [_pile(entry, coordinator, stand_ins) for coordinator in hub.piles.values()],
    }
    # Of hundreds of piles it is seconds of work.
    return await hass.async_add_executor_job(_shown, told, stand_ins)


async def async_get_device_diagnostics(
    hass: HomeAssistant, entry: YkcConfigEntry, device: DeviceEntry
) -> dict[str, Any]:
    """Return what is known of a pile; for the device of a gun the number of that gun as well."""
    stand_ins = _stand_ins(entry)
    for coordinator in entry.runtime_data.piles.values():
        for gun, known in coordinator.devices.items():
            if known.id == device.id:
                return _shown({"gun": gun, **_pile(entry, coordinator, stand_ins)}, stand_ins)
    # A device that is about to be removed.
    return {}


def _stand_ins(entry: YkcConfigEntry) -> StandIns:
    """Return stand-ins for all codes that are stored, also of piles that are gone, and of those that wait."""
    known = piles(entry)
    return StandIns(
        [
            *(str(pile.unique_id) for pile in known),
            *(pile.data[CONF_REPLACED_CODE] for pile in known if CONF_REPLACED_CODE in pile.data),
            *(code for driver in drivers(entry) for code in driver.data[CONF_PILES] or ()),
            *entry.options.get(CONF_MESSAGE_PILES, ()),
            *entry.runtime_data.discovery.waiting,
        ]
    )


async def _ledger(entry: YkcConfigEntry) -> dict[str, Any]:
    ledger = entry.runtime_data.listener.ledger
    try:
        size = await ledger.size()
    except LedgerError:
        size = None
    return {"failing": ledger.failing, "damaged_file_set_aside": ledger.set_aside is not None, "bytes": size}


def _pile(entry: YkcConfigEntry, coordinator: PileCoordinator, stand_ins: StandIns) -> dict[str, Any]:
    return {
        "stored": dict(coordinator.subentry.data),
        "state": _plain(coordinator.data, stand_ins),
        "addresses_that_contest": len(coordinator.data.logins.contested_by),
        "recent": entry.runtime_data.recent_frames.told(coordinator.pile.code, stand_ins),
    }


def _plain(value: Any, stand_ins: StandIns) -> Any:
    """Return a value of the server's as JSON has it."""
    match value:
        case Enum():
            return value.value
        case Decimal():
            return str(value)
        case date():
            return value.isoformat()
        case Mapping():
            return {str(key): _plain(item, stand_ins) for key, item in value.items()}
        case tuple() | list() | set() | frozenset():
            return [_plain(item, stand_ins) for item in value]
    if is_dataclass(value):
        told = {field.name: getattr(value, field.name) for field in fields(value)}
        if transaction := told.get(_TRANSACTION):
            # Another platform may have given it, for a code that the pile had then.
            stand_ins.of(transaction[:PILE_DIGITS])
        return _plain(told, stand_ins)
    return value


def _shown(told: dict[str, Any], stand_ins: StandIns) -> dict[str, Any]:
    """Return what is told, with stand-ins for the codes that are left in it."""

    def shown(value: Any) -> Any:
        match value:
            case str():
                return stand_ins.in_text(value)
            case Mapping():
                return {stand_ins.in_text(str(key)): shown(item) for key, item in value.items()}
            case list():
                return [shown(item) for item in value]
        return value

    redacted: dict[str, Any] = shown(async_redact_data(told, TO_REDACT))
    return redacted
