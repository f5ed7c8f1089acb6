"""A pile as Home Assistant stores it: a subentry of its listener.

What the last login said is kept there, so that all entities exist after a
restart before any pile has called.
"""

from collections.abc import Mapping
from dataclasses import asdict
from decimal import Decimal
import re
from types import MappingProxyType
from typing import Any

from homeassistant.config_entries import SOURCE_IGNORE, ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant, callback

from .const import (
    CONF_AREA,
    CONF_BILLING_MODEL,
    CONF_CODE,
    CONF_ENABLED,
    CONF_GUN_COUNT,
    CONF_IN_SERVICE,
    CONF_MAX_POWER,
    CONF_PARAMETERS,
    CONF_PERIOD,
    CONF_PILE_TYPE,
    CONF_PINNED_ADDRESS,
    CONF_PROTOCOL_VERSION,
    CONF_RATED_POWER,
    CONF_REPLACED_CODE,
    CONF_SESSION_LIMITS,
    CONF_SOFTWARE_VERSION,
    CONF_START_WHEN_PLUGGED,
    DOMAIN,
    MAX_GUNS,
    SUBENTRY_TYPE_PILE,
)
from .options import billing_model
from .server.charge_limits import ChargeLimits
from .server.networks import read_network
from .server.settings import PileSettings, StartWhenPlugged, WorkingParameters
from .server.state import PileInfo

_CODE = re.compile(r"[0-9a-f]{14}")


def read_code(text: str) -> str | None:
    """Return a typed pile code as the protocol side writes it, None if it is none."""
    code = text.strip().lower()
    return code if _CODE.fullmatch(code) else None


def pile_data(info: PileInfo) -> dict[str, Any]:
    """Return what is stored of a pile; its SIM card is nobody's business."""
    return {
        CONF_CODE: info.code,
        CONF_PILE_TYPE: info.pile_type,
        # A count that cannot be, as from a pile that was never set up, does no harm.
        CONF_GUN_COUNT: min(max(1, info.gun_count), MAX_GUNS),
        CONF_PROTOCOL_VERSION: info.protocol_version,
        CONF_SOFTWARE_VERSION: info.software_version,
    }


def pile_info(data: Mapping[str, Any]) -> PileInfo:
    """Return what is known of a stored pile."""
    return PileInfo(
        code=data[CONF_CODE],
        pile_type=data[CONF_PILE_TYPE],
        gun_count=data[CONF_GUN_COUNT],
        protocol_version=data[CONF_PROTOCOL_VERSION],
        software_version=data[CONF_SOFTWARE_VERSION],
    )


def parameters_data(parameters: WorkingParameters | None) -> dict[str, Any]:
    """Return what is stored of the working parameters that a person chose."""
    if parameters is None:
        return {CONF_PARAMETERS: None}
    return {CONF_PARAMETERS: {CONF_IN_SERVICE: parameters.in_service, CONF_MAX_POWER: parameters.max_power}}


def chosen_parameters(data: Mapping[str, Any]) -> WorkingParameters | None:
    """Return the working parameters that a person chose for a stored pile."""
    chosen = data.get(CONF_PARAMETERS)
    if chosen is None:
        return None
    return WorkingParameters(in_service=chosen[CONF_IN_SERVICE], max_power=chosen[CONF_MAX_POWER])


def start_data(chosen: Mapping[int, StartWhenPlugged]) -> dict[str, Any]:
    """Return what is stored of the guns that start by themselves."""
    return {
        CONF_START_WHEN_PLUGGED: {
            str(gun): {CONF_ENABLED: start.enabled, CONF_PERIOD: start.period} for gun, start in chosen.items()
        }
    }


def chosen_starts(data: Mapping[str, Any]) -> dict[int, StartWhenPlugged]:
    """Return which guns of a stored pile start by themselves, where a person chose."""
    return {
        int(gun): StartWhenPlugged(enabled=start[CONF_ENABLED], period=start[CONF_PERIOD])
        for gun, start in data.get(CONF_START_WHEN_PLUGGED, {}).items()
    }


def limits_data(chosen: Mapping[int, ChargeLimits]) -> dict[str, Any]:
    """Return what is stored of the limits of the guns' charges."""
    return {
        CONF_SESSION_LIMITS: {
            str(gun): {
                name: float(limit) if isinstance(limit, Decimal) else limit for name, limit in asdict(limits).items()
            }
            for gun, limits in chosen.items()
        }
    }


def chosen_limits(data: Mapping[str, Any]) -> dict[int, ChargeLimits]:
    """Return the limits of the charges of a stored pile's guns, where a person chose."""

    def exact(limit: float | None) -> Decimal | None:
        return None if limit is None else Decimal(str(limit))

    return {
        int(gun): ChargeLimits(
            energy=exact(limits["energy"]),
            amount=exact(limits["amount"]),
            minutes=limits["minutes"],
            soc=limits["soc"],
        )
        for gun, limits in data.get(CONF_SESSION_LIMITS, {}).items()
    }


def pile_settings(data: Mapping[str, Any]) -> PileSettings:
    """Return what a stored pile is to be like."""
    own = data.get(CONF_BILLING_MODEL)
    pinned = data.get(CONF_PINNED_ADDRESS)
    return PileSettings(
        parameters=chosen_parameters(data),
        billing_model=None if own is None else billing_model(own),
        start_when_plugged=chosen_starts(data),
        session_limits=chosen_limits(data),
        address=None if pinned is None else read_network(pinned),
    )


def rated_power(data: Mapping[str, Any]) -> float | None:
    """Return the rated power of a stored pile in kW, where a person gave it: no pile tells."""
    power: float | None = data.get(CONF_RATED_POWER)
    return power


def has_called(data: Mapping[str, Any]) -> bool:
    """Tell whether a stored pile has ever said of itself what it is."""
    return data[CONF_PROTOCOL_VERSION] is not None


def pile_name(typed: str, code: str) -> str:
    """Return what a pile is called: the typed name without blanks around it, or else its code."""
    return typed.strip() or code


def new_pile(
    info: PileInfo, *, name: str | None = None, area: str | None = None, power: float | None = None
) -> ConfigSubentry:
    """Return the subentry of an approved pile; `area` is an area's id, `power` the rated one in kW."""
    rated = {} if power is None else {CONF_RATED_POWER: power}
    return ConfigSubentry(
        data=MappingProxyType(pile_data(info) | {CONF_AREA: area} | rated),
        subentry_type=SUBENTRY_TYPE_PILE,
        title=pile_name(name or "", info.code),
        unique_id=info.code,
    )


def piles(entry: ConfigEntry) -> list[ConfigSubentry]:
    """Return the piles of a listener."""
    return entry.get_subentries_of_type(SUBENTRY_TYPE_PILE)


@callback
def async_is_approved(hass: HomeAssistant, code: str) -> bool:
    """Tell whether any listener has the pile: it belongs to one of them."""
    return any(pile.unique_id == code for entry in hass.config_entries.async_entries(DOMAIN) for pile in piles(entry))


@callback
def async_approved_codes(hass: HomeAssistant) -> set[str]:
    """Return the codes of the piles of all listeners, also those that were replaced a moment ago."""
    known = [pile.data for entry in hass.config_entries.async_entries(DOMAIN) for pile in piles(entry)]
    return {code for data in known for code in (data[CONF_CODE], data.get(CONF_REPLACED_CODE)) if code is not None}


@callback
def async_is_ignored(hass: HomeAssistant, code: str) -> bool:
    """Tell whether a person chose to ignore the pile."""
    entry = hass.config_entries.async_entry_for_domain_unique_id(DOMAIN, code)
    return entry is not None and entry.source == SOURCE_IGNORE
