"""New hardware in an old pile's place: it has another code, and all else goes on.

The subentry is changed first and says which code it had; ledger and registries
follow when the listener is set up the next time, which is at once.
"""

from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er

from .const import (
    CONF_CODE,
    CONF_MESSAGE_PILES,
    CONF_PILES,
    CONF_PROTOCOL_VERSION,
    CONF_REPLACED_CODE,
    CONF_SOFTWARE_VERSION,
    DOMAIN,
    LOGGER,
)
from .discovery import PileDiscovery
from .driver import drivers
from .issues import async_forget_pile
from .server.ledger import Ledger
from .subentry import pile_data, piles


def replacement_data(pile: ConfigSubentry, code: str, waiting: PileDiscovery | None) -> dict[str, Any]:
    """Return what is stored of a pile that new hardware takes the place of; one that waits has said what it is."""
    if waiting is None:
        new = {CONF_CODE: code, CONF_PROTOCOL_VERSION: None, CONF_SOFTWARE_VERSION: None}
    else:
        new = pile_data(waiting.info)
    # Twice before the listener could be set up is once.
    return {**new, CONF_REPLACED_CODE: pile.data.get(CONF_REPLACED_CODE, pile.data[CONF_CODE])}


async def async_finish_replacements(hass: HomeAssistant, entry: ConfigEntry, ledger: Ledger) -> None:
    """Let ledger, registries and options follow the new codes of a listener's piles, none of which is loaded.

    What was done before is not done again. That there is nothing left to do is seen at a later start: the registries
    are stored some time after they were changed. Raises `LedgerError`.
    """
    for pile in piles(entry):
        data = dict(pile.data)
        old, new = data.pop(CONF_REPLACED_CODE, None), data[CONF_CODE]
        if old is None:
            continue
        if not await ledger.replace_code(old, new):
            # The form has looked before: it charged in this very moment.
            LOGGER.error("Pile %s has sessions of its own and cannot take the place of %s", new, old)
            data[CONF_CODE] = old
        elif _rename_devices(hass, entry, pile, old, new) | _rename_entities(hass, entry, pile, old, new):
            LOGGER.info("Pile %s takes the place of %s", new, old)
            _rename_choices(hass, entry, old, new)
            # What was told of the old hardware.
            async_forget_pile(hass, pile.subentry_id)
            continue
        hass.config_entries.async_update_subentry(entry, pile, data=data, unique_id=data[CONF_CODE])


@callback
def _rename_devices(hass: HomeAssistant, entry: ConfigEntry, pile: ConfigSubentry, old: str, new: str) -> bool:
    """Rename the devices of a pile and its guns; False if there are none."""
    registry = dr.async_get(hass)
    device = registry.async_get_device_by_identifier((DOMAIN, old), entry.entry_id)
    if device is None or device.config_subentry_id != pile.subentry_id:
        return False
    for gun in dr.async_entries_for_parent_device(registry, device.id):
        names = {(domain, _renamed(name, old, new)) for domain, name in gun.identifiers}
        registry.async_update_child_device(gun.id, new_identifiers=names)
    registry.async_update_device(device.id, new_identifiers={(DOMAIN, new)}, serial_number=new)
    return True


@callback
def _rename_entities(hass: HomeAssistant, entry: ConfigEntry, pile: ConfigSubentry, old: str, new: str) -> bool:
    """Rename the entities of a pile; False if there are none."""
    registry = er.async_get(hass)
    found = [
        entity
        for entity in er.async_entries_for_config_entry(registry, entry.entry_id)
        if entity.config_subentry_id == pile.subentry_id and entity.unique_id.startswith(f"{old}_")
    ]
    for entity in found:
        registry.async_update_entity(entity.entity_id, new_unique_id=_renamed(entity.unique_id, old, new))
    return bool(found)


@callback
def _rename_choices(hass: HomeAssistant, entry: ConfigEntry, old: str, new: str) -> None:
    """Let drivers and options that name the pile go on to do so."""
    for driver in drivers(entry):
        if old in (codes := driver.data[CONF_PILES] or ()):
            data = {**driver.data, CONF_PILES: [new if code == old else code for code in codes]}
            hass.config_entries.async_update_subentry(entry, driver, data=data)
    codes = entry.options.get(CONF_MESSAGE_PILES, ())
    if old in codes:
        options = {**entry.options, CONF_MESSAGE_PILES: [new if code == old else code for code in codes]}
        hass.config_entries.async_update_entry(entry, options=options)


def _renamed(name: str, old: str, new: str) -> str:
    return new + name.removeprefix(old)
