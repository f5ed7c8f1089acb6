"""The guns and piles that an action is for, and doing something with each."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import (
    ATTR_AREA_ID,
    ATTR_DEVICE_ID,
    ATTR_ENTITY_ID,
    ATTR_FLOOR_ID,
    ATTR_LABEL_ID,
    CONF_OPTIONS,
    CONF_TARGET,
)
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import config_validation as cv, device_registry as dr, entity_registry as er
from homeassistant.helpers.service import async_get_device_and_config_entry
from homeassistant.helpers.target import TargetSelection, async_extract_referenced_entity_ids
from homeassistant.helpers.translation import async_get_cached_translations
import voluptuous as vol

from .const import DOMAIN
from .coordinator import PileCoordinator, YkcConfigEntry


@dataclass(frozen=True, slots=True)
class TargetGun:
    """A gun that an action is for."""

    pile: PileCoordinator
    number: int


@dataclass(frozen=True, slots=True)
class TargetPlace:
    """A gun that an action is for, or all of a pile."""

    pile: PileCoordinator
    number: int | None


async def async_on_each[TargetT, T](
    hass: HomeAssistant, targets: Iterable[TargetT], command: Callable[[TargetT], Awaitable[T]]
) -> list[T]:
    """Try a command on every gun or pile, whatever becomes of the others, and tell the errors."""
    errors: list[HomeAssistantError] = []

    async def attempt(target: TargetT) -> T | None:
        try:
            return await command(target)
        except HomeAssistantError as error:
            errors.append(error)
            return None

    results = await asyncio.gather(*map(attempt, targets))
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key="several_failed",
            translation_placeholders={
                "failed": str(len(errors)),
                "total": str(len(results)),
                "errors": " ".join(_sentence(hass, error) for error in errors),
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


def targeted_guns(call: ServiceCall) -> list[TargetGun]:
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
            *(_named_gun(hass, _device_of(hass, entity_id)) for entity_id in selected.referenced),
            *filter(None, (_any_gun(hass, d) for d in selected.referenced_devices)),
        )
    }
    if not guns:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="no_gun_targeted")
    return [gun for _, gun in sorted(guns.items())]


def targeted_piles(call: ServiceCall) -> list[PileCoordinator]:
    """Return the piles that a call is for, named by themselves, their guns or their entities.

    Raises `ServiceValidationError` for what belongs to no pile.
    """
    piles = {pile.pile.code: pile for pile, _ in _places(call)}
    return [pile for _, pile in sorted(piles.items())]


def targeted_places(call: ServiceCall) -> list[TargetPlace]:
    """Return the guns that a call is for, and the piles without their guns where a pile itself is named.

    Raises `ServiceValidationError` for what belongs to no pile.
    """
    places = {(pile.pile.code, number): TargetPlace(pile, number) for pile, number in _places(call)}
    return [
        place
        for (code, number), place in sorted(places.items(), key=lambda item: (item[0][0], item[0][1] or 0))
        if number is None or (code, None) not in places
    ]


def _places(call: ServiceCall) -> list[tuple[PileCoordinator, int | None]]:
    hass = call.hass
    selected = async_extract_referenced_entity_ids(hass, TargetSelection(call.data))
    devices = {
        *selected.referenced_devices,
        *(_device_of(hass, entity_id) for entity_id in selected.referenced),
    }
    if not devices:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="no_pile_targeted")
    places = (async_get_device_and_config_entry(hass, DOMAIN, device_id) for device_id in devices)
    return [_place(entry, device) for device, entry in places]


def _device_of(hass: HomeAssistant, entity_id: str) -> str:
    entry = er.async_get(hass).async_get(entity_id)
    if entry is None or entry.platform != DOMAIN or entry.device_id is None:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="entity_of_no_gun",
            translation_placeholders={"entity": entity_id},
        )
    return entry.device_id


def _named_gun(hass: HomeAssistant, device_id: str) -> TargetGun:
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
    return TargetGun(pile, number)


def _any_gun(hass: HomeAssistant, device_id: str) -> TargetGun | None:
    """Return the gun that a device is, if it is one of a loaded listener."""
    device, entry = dr.async_get_device_and_config_entry_for_domain(
        hass, device_id, domain=DOMAIN, include_main_devices=False
    )
    if device is None or entry is None or entry.state is not ConfigEntryState.LOADED or is_driver(device):
        return None
    pile, number = _place(entry, device)
    return None if number is None else TargetGun(pile, number)


def target_schema(options: Mapping[vol.Marker, Any]) -> vol.Schema:
    """Return the schema of a trigger or a condition with a target and options."""
    some = cv.has_at_least_one_key(ATTR_ENTITY_ID, ATTR_DEVICE_ID, ATTR_AREA_ID, ATTR_FLOOR_ID, ATTR_LABEL_ID)
    return vol.Schema(
        {
            vol.Required(CONF_TARGET): vol.All(cv.TARGET_FIELDS, some),
            vol.Optional(CONF_OPTIONS, default=dict): dict(options),
        }
    )


def reached_devices(hass: HomeAssistant, target: Mapping[str, Any]) -> set[str]:
    """Return the devices that the target of a trigger or a condition reaches.

    A pile stands for its guns, and an entity, also a disabled one, for its device.
    """
    selected = async_extract_referenced_entity_ids(hass, TargetSelection(dict(target)), primary_entities_only=False)
    devices = set(selected.referenced_devices)
    entities, registry = er.async_get(hass), dr.async_get(hass)
    for entity_id in selected.referenced | selected.indirectly_referenced:
        entry = entities.async_get(entity_id)
        if entry is None or entry.platform != DOMAIN or entry.device_id is None or entry.device_id in devices:
            continue
        devices.add(entry.device_id)
        if entity_id in selected.referenced:
            devices |= {child.id for child in dr.async_entries_for_parent_device(registry, entry.device_id)}
    return devices


def reached_guns(hass: HomeAssistant, target: Mapping[str, Any]) -> Iterator[TargetGun]:
    """Yield the guns of running listeners that a target reaches."""
    devices = reached_devices(hass, target)
    for pile in _all_piles(hass):
        for number, device in pile.devices.items():
            if number is not None and device.id in devices:
                yield TargetGun(pile, number)


def reached_piles(hass: HomeAssistant, target: Mapping[str, Any]) -> Iterator[PileCoordinator]:
    """Yield the piles of running listeners that a target reaches, by themselves or by one of their guns."""
    devices = reached_devices(hass, target)
    for pile in _all_piles(hass):
        if any(device.id in devices for device in pile.devices.values()):
            yield pile


def _all_piles(hass: HomeAssistant) -> Iterator[PileCoordinator]:
    entries: list[YkcConfigEntry] = hass.config_entries.async_loaded_entries(DOMAIN)
    for entry in entries:
        yield from entry.runtime_data.piles.values()


def is_driver(device: dr.AnyDeviceEntry) -> bool:
    """Tell whether a device is a driver's balance, which is at no pile."""
    return isinstance(device, dr.DeviceEntry) and device.entry_type is dr.DeviceEntryType.SERVICE


def _place(entry: YkcConfigEntry, device: dr.AnyDeviceEntry) -> tuple[PileCoordinator, int | None]:
    """Return the pile of a device, and which of its guns the device is, if any.

    Raises `ServiceValidationError` for a device that belongs to no pile.
    """
    if is_driver(device):
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="no_pile_targeted")
    return next(
        (pile, number)
        for pile in entry.runtime_data.piles.values()
        for number, known in pile.devices.items()
        if known.id == device.id
    )
