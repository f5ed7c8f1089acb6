"""The actions of the integration."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse, callback
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import config_validation as cv, device_registry as dr, entity_registry as er
from homeassistant.helpers.service import async_get_device_and_config_entry
from homeassistant.helpers.target import TargetSelection, async_extract_referenced_entity_ids
from homeassistant.helpers.translation import async_get_cached_translations
import voluptuous as vol

from .const import DOMAIN
from .coordinator import PileCoordinator, YkcConfigEntry


class YkcAction(StrEnum):
    """The actions."""

    START_CHARGING = "start_charging"
    STOP_CHARGING = "stop_charging"


ATTR_BALANCE: Final = "balance"
ATTR_CARD: Final = "card"
ATTR_LOGICAL_CARD: Final = "logical_card"

MAX_BALANCE: Final = 42_949_672
"""CNY: four bytes of cents (8.3)."""


def _card(value: Any) -> str:
    """Return a card number as it is sent: 16 hex digits, filled up from the left."""
    number = cv.matches_regex(r"^[0-9A-Fa-f]{1,16}$")(value)
    return str(number).lower().zfill(16)


def _balance(value: Any) -> Decimal:
    """Return an amount of money, exact to the cent."""
    amount = vol.All(vol.Coerce(float), vol.Range(min=0, max=MAX_BALANCE))(value)
    return Decimal(str(amount)).quantize(Decimal("0.01"))


STOP_SCHEMA: Final = vol.Schema(cv.TARGET_SERVICE_FIELDS)
START_SCHEMA: Final = STOP_SCHEMA.extend(
    {
        vol.Optional(ATTR_CARD): _card,
        vol.Optional(ATTR_LOGICAL_CARD): _card,
        vol.Optional(ATTR_BALANCE): _balance,
    }
)


@dataclass(frozen=True, slots=True)
class _Gun:
    """A gun that an action is for."""

    pile: PileCoordinator
    number: int


@callback
def async_setup_services(hass: HomeAssistant) -> None:
    """Register the actions."""
    hass.services.async_register(
        DOMAIN,
        YkcAction.START_CHARGING,
        _async_start_charging,
        schema=START_SCHEMA,
        supports_response=SupportsResponse.OPTIONAL,
    )
    hass.services.async_register(DOMAIN, YkcAction.STOP_CHARGING, _async_stop_charging, schema=STOP_SCHEMA)


async def _async_start_charging(call: ServiceCall) -> ServiceResponse:
    """Start a charge on each gun that is named, and return what the piles answered."""
    card = call.data.get(ATTR_CARD)
    logical_card = call.data.get(ATTR_LOGICAL_CARD)
    balance = call.data.get(ATTR_BALANCE)

    async def start(gun: _Gun) -> dict[str, Any]:
        charge = await gun.pile.async_start_charging(gun.number, card=card, logical_card=logical_card, balance=balance)
        return {
            "pile": gun.pile.pile.code,
            "gun": gun.number,
            "transaction": charge.transaction,
            "outcome": charge.outcome,
        }

    guns = await _async_on_each_gun(call, start)
    # An automation for one gun need not go through the list.
    return {"guns": guns, **(guns[0] if len(guns) == 1 else {})}


async def _async_stop_charging(call: ServiceCall) -> None:
    """Stop the charge of each gun that is named."""

    async def stop(gun: _Gun) -> None:
        await gun.pile.async_stop_charging(gun.number)

    await _async_on_each_gun(call, stop)


async def _async_on_each_gun[T](call: ServiceCall, command: Callable[[_Gun], Awaitable[T]]) -> list[T]:
    """Try a command on every gun, whatever becomes of the others, and tell the errors."""
    guns = _guns(call)
    errors: list[HomeAssistantError] = []

    async def attempt(gun: _Gun) -> T | None:
        try:
            return await command(gun)
        except HomeAssistantError as error:
            errors.append(error)
            return None

    results = await asyncio.gather(*map(attempt, guns))
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key="several_failed",
            translation_placeholders={
                "failed": str(len(errors)),
                "guns": str(len(guns)),
                "errors": " ".join(_sentence(call.hass, error) for error in errors),
            },
        )
    return [result for result in results if result is not None]


def _sentence(hass: HomeAssistant, error: HomeAssistantError) -> str:
    """Return an error in Home Assistant's language, as a part of another one."""
    texts = async_get_cached_translations(hass, hass.config.language, "exceptions", DOMAIN)
    text = texts.get(f"component.{DOMAIN}.exceptions.{error.translation_key}.message")
    if text is None:
        return str(error)
    return text.format(**error.translation_placeholders or {})


def _guns(call: ServiceCall) -> list[_Gun]:
    """Return the guns that a call is for.

    What is named itself must be a gun, or be an entity of one; of an area, a
    floor or a label the guns are taken and the rest is left alone. Raises
    `ServiceValidationError`.
    """
    hass = call.hass
    selection = TargetSelection(call.data)
    selected = async_extract_referenced_entity_ids(hass, selection)
    guns = {
        (gun.pile.pile.code, gun.number): gun
        for gun in (
            *(_named_gun(hass, device_id) for device_id in selection.device_ids & selected.referenced_devices),
            *(_entity_gun(hass, entity_id) for entity_id in selected.referenced),
            *filter(None, (_any_gun(hass, d) for d in selected.referenced_devices)),
        )
    }
    if not guns:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="no_gun_targeted")
    return [gun for _, gun in sorted(guns.items())]


def _entity_gun(hass: HomeAssistant, entity_id: str) -> _Gun:
    entry = er.async_get(hass).async_get(entity_id)
    if entry is None or entry.platform != DOMAIN or entry.device_id is None:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="entity_of_no_gun",
            translation_placeholders={"entity": entity_id},
        )
    return _named_gun(hass, entry.device_id)


def _named_gun(hass: HomeAssistant, device_id: str) -> _Gun:
    """Return the gun that a device is; a pile with one gun is that gun."""
    device, entry = async_get_device_and_config_entry(hass, DOMAIN, device_id)
    pile, number = _place(entry, device)
    if number is None:
        if pile.info.gun_count != 1:
            raise ServiceValidationError(
                translation_domain=DOMAIN,
                translation_key="pile_has_several_guns",
                translation_placeholders={"pile": pile.subentry.title},
            )
        number = 1
    return _Gun(pile, number)


def _any_gun(hass: HomeAssistant, device_id: str) -> _Gun | None:
    """Return the gun that a device is, if it is one of a loaded listener."""
    device, entry = dr.async_get_device_and_config_entry_for_domain(
        hass, device_id, domain=DOMAIN, include_main_devices=False
    )
    if device is None or entry is None or entry.state is not ConfigEntryState.LOADED:
        return None
    pile, number = _place(entry, device)
    return None if number is None else _Gun(pile, number)


def _place(entry: YkcConfigEntry, device: dr.AnyDeviceEntry) -> tuple[PileCoordinator, int | None]:
    """Return the pile of a device, and which of its guns the device is, if any."""
    return next(
        (pile, number)
        for pile in entry.runtime_data.piles.values()
        for number, known in pile.devices.items()
        if known.id == device.id
    )
