"""What the page shows of listeners, piles and guns, as JSON has it.

Nothing here tells a card, a VIN or an account in full.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from homeassistant.auth.models import User
from homeassistant.config_entries import ConfigEntryState, ConfigSubentry
from homeassistant.const import CONF_HOST, CONF_PORT, CONF_TIME_ZONE
from homeassistant.core import HomeAssistant
from homeassistant.helpers import area_registry as ar, device_registry as dr

from .const import (
    CONF_ACCOUNT,
    CONF_CARD,
    CONF_CHARGE_LIMIT,
    CONF_ENABLED,
    CONF_OFFLINE_USE,
    CONF_PILES,
    CONF_VIN,
    DOMAIN,
)
from .coordinator import PileCoordinator, YkcConfigEntry
from .driver import drivers
from .network import async_addresses
from .permissions import gun_entity_id, may_control, may_see
from .protocol import fault_slugs
from .server.access import masked
from .server.charge_limits import ChargeLimits
from .server.sessions import GunSum, Session
from .server.state import GunState, LastSession, PlugStart
from .server.tariff import BillingModel
from .session_export import pile_names

type Values = dict[str, Any]

CHARTED: Final = ("status", "power", "state_of_charge")
"""Keys of the entities whose history the page draws."""


def loaded_listeners(hass: HomeAssistant) -> list[YkcConfigEntry]:
    """Return the listeners that run."""
    return [entry for entry in hass.config_entries.async_entries(DOMAIN) if entry.state is ConfigEntryState.LOADED]


async def async_listener_addresses(hass: HomeAssistant) -> dict[str, str]:
    """Return where piles reach each listener that runs, by its id."""
    return {entry.entry_id: await async_addresses(hass, entry.data[CONF_HOST]) for entry in loaded_listeners(hass)}


def overview(hass: HomeAssistant, user: User, addresses: Mapping[str, str]) -> Values:
    """Return all that there is and that the user may see."""
    return {
        "listeners": [
            _listener(hass, user, entry, addresses[entry.entry_id])
            for entry in loaded_listeners(hass)
            if entry.entry_id in addresses
        ],
        "admin": user.is_admin,
        "currency": "CNY",
    }


def _listener(hass: HomeAssistant, user: User, entry: YkcConfigEntry, address: str) -> Values:
    hub = entry.runtime_data
    shown = [pile for pile in hub.piles.values() if pile.is_approved]
    return {
        "id": entry.entry_id,
        "title": entry.title,
        "address": address,
        "port": entry.data[CONF_PORT],
        "time_zone": entry.options.get(CONF_TIME_ZONE) or hass.config.time_zone,
        "waiting": len(hub.discovery.waiting) if user.is_admin else 0,
        "piles": [_pile(hass, user, pile) for pile in sorted(shown, key=lambda pile: pile.name)],
    }


def _pile(hass: HomeAssistant, user: User, pile: PileCoordinator) -> Values:
    registry = dr.async_get(hass)
    # As people have named and placed them meanwhile.
    devices = {number: registry.async_get(device.id) or device for number, device in pile.devices.items()}
    device = devices[None]
    return {
        "code": pile.pile.code,
        "name": device.name_by_user or pile.name,
        "device_id": device.id,
        "area": _area(hass, device),
        "type": pile.info.pile_type,
        "rated_power": pile.rated_power,
        "tariff": _tariff(pile.pile.billing.model),
        **pile_state(pile),
        "guns": [
            {
                "number": number,
                "name": devices[number].name_by_user,
                "device_id": devices[number].id,
                "entities": _entities(hass, pile, number),
                "may_control": may_control(hass, user, pile.pile.code, number, "charging"),
                **gun_state(gun),
            }
            for number, gun in pile.data.guns.items()
            if number in devices and may_see(hass, user, pile.pile.code, number)
        ],
    }


def pile_state(pile: PileCoordinator) -> Values:
    """Return what changes of a pile itself."""
    return {"online": pile.data.online, "connected": pile.data.connected}


def gun_state(gun: GunState) -> Values:
    """Return what changes of a gun."""
    return {
        "status": gun.status,
        "plugged": gun.plugged,
        "faults": list(fault_slugs(gun.faults)),
        "power": gun.power,
        "voltage": gun.voltage,
        "current": gun.current,
        "energy": _number(gun.session_energy),
        "cost": _number(gun.session_cost),
        "minutes": gun.charging_time,
        "remaining": gun.remaining_time,
        "soc": gun.state_of_charge,
        "transaction": gun.transaction,
        "opened": _time(gun.opened),
        "total_energy": _number(gun.total_energy),
        "unbilled_energy": 0 if gun.month is None else _number(gun.month.unbilled_energy),
        "unbilled_cost": 0 if gun.month is None else _number(gun.month.unbilled_cost),
        "last_session": None if gun.last_session is None else _last_session(gun.last_session),
        "parallel": gun.parallel is not None,
        "limits": _limits(gun.limits),
        "charge_limits": _limits(gun.charge_limits),
        "limit_reached": gun.limit_reached,
        "plug_start": _plug_start(gun.plug_start),
    }


def _limits(limits: ChargeLimits) -> Values:
    """Return what a charge may come to; null for no limit."""
    return {
        "energy": _number(limits.energy or None),
        "amount": _number(limits.amount or None),
        "minutes": limits.minutes or None,
        "soc": limits.soc or None,
    }


def _plug_start(start: PlugStart) -> Values:
    return {
        "enabled": start.setting.enabled,
        "period": start.setting.period,
        "progress": start.progress,
        "reason": start.reason,
        "until": _time(start.until),
    }


def _last_session(session: LastSession) -> Values:
    return {
        "energy": _number(session.energy),
        "cost": _number(session.cost),
        "stop_reason": session.stop_reason,
        "ended": _time(session.ended),
        "limit": session.limit,
    }


def _tariff(model: BillingModel) -> Values:
    return {
        "number": model.number,
        "prices": {
            period: {"energy": _number(price.energy), "service": _number(price.service)}
            for period, price in model.prices.items()
        },
        "periods": list(model.periods),
    }


def session_values(session: Session, *, with_driver: bool) -> Values:
    """Return a session; who charged is told only to administrators."""
    told = {
        "transaction": session.transaction,
        "pile": session.pile,
        "gun": session.gun,
        "state": session.state,
        "origin": session.origin,
        "started": _time(session.started),
        "ended": _time(session.ended),
        "stop_reason": session.stop_reason,
        "limit": session.limit,
        "energy": _number(session.energy),
        "amount": _number(session.amount),
    }
    if with_driver:
        told |= {"driver": session.driver, "card": masked(session.card)}
    return told


def sum_values(total: GunSum) -> Values:
    """Return what a gun delivered."""
    return {
        "pile": total.pile,
        "gun": total.gun,
        "sessions": total.sessions,
        "energy": _number(total.energy),
        "amount": _number(total.amount),
    }


def driver_name(hass: HomeAssistant, driver_id: str) -> str | None:
    """Return what a driver is called now, None for one who is gone."""
    return next((driver.title for _, driver in _all_drivers(hass) if driver.subentry_id == driver_id), None)


def driver_values(hass: HomeAssistant) -> list[Values]:
    """Return the drivers of all listeners, with all numbers masked."""
    return [_driver(hass, entry, driver) for entry, driver in _all_drivers(hass)]


def _driver(hass: HomeAssistant, entry: YkcConfigEntry, driver: ConfigSubentry) -> Values:
    names, data = pile_names(hass), driver.data
    account = entry.runtime_data.accounts.account(driver.subentry_id)
    return {
        "id": driver.subentry_id,
        "name": driver.title,
        "card": masked(data[CONF_CARD] or ""),
        "vin": masked(data[CONF_VIN] or ""),
        "account": masked(data[CONF_ACCOUNT] or ""),
        "enabled": data[CONF_ENABLED],
        "piles": [names.get(code, code) for code in data[CONF_PILES] or ()],
        "listener": entry.title if len(loaded_listeners(hass)) > 1 else None,
        "balance": None if account is None else _number(account.balance),
        "available": None if account is None else _number(account.available),
        "charge_limit": data.get(CONF_CHARGE_LIMIT) if account is not None else None,
        "offline": data.get(CONF_OFFLINE_USE, False),
        "offline_cards": _offline_cards(entry, driver),
    }


def _offline_cards(entry: YkcConfigEntry, driver: ConfigSubentry) -> list[Values]:
    """Return what the piles said last of a driver's card, as far as they have it or are to have it."""
    number = masked(driver.data[CONF_CARD] or "")
    return [
        {"pile": pile.name, "state": card.state}
        for pile in sorted(entry.runtime_data.piles.values(), key=lambda pile: pile.name)
        for card in pile.data.offline_cards.cards
        if (card.driver, card.card) == (driver.title, number)
    ]


def _all_drivers(hass: HomeAssistant) -> list[tuple[YkcConfigEntry, ConfigSubentry]]:
    return [(entry, driver) for entry in loaded_listeners(hass) for driver in drivers(entry)]


def _entities(hass: HomeAssistant, pile: PileCoordinator, gun: int) -> dict[str, str]:
    """Return the entities, also disabled ones, by their key."""
    found = {key: gun_entity_id(hass, pile.pile.code, gun, key) for key in CHARTED}
    return {key: entity_id for key, entity_id in found.items() if entity_id is not None}


def _area(hass: HomeAssistant, device: dr.AnyDeviceEntry) -> str | None:
    area = ar.async_get(hass).async_get_area(device.area_id) if device.area_id else None
    return None if area is None else area.name


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def _time(when: datetime | None) -> str | None:
    return None if when is None else when.isoformat()
