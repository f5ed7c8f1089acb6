"""Tell in good time that a listener nears the number of entities that Home Assistant allows it.

What comes beyond is not added, and only the log says so.
"""

from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er, issue_registry as ir
from homeassistant.helpers.entity_platform import MAX_ENABLED_ENTITIES_PER_CONFIG_ENTRY

from .const import DOCUMENTS, DOMAIN

WARNING_PERCENT: Final = 80


def _issue(entry: ConfigEntry) -> str:
    return f"entity_limit_{entry.entry_id}"


@callback
def async_watch_entities(hass: HomeAssistant, entry: ConfigEntry) -> CALLBACK_TYPE:
    """Watch how many enabled entities a listener has; returns what ends that."""
    registry = er.async_get(hass)
    told: int | None = None

    @callback
    def look(_event: Event[er.EventEntityRegistryUpdatedData] | None = None) -> None:
        nonlocal told
        count = registry.entities.get_enabled_count_for_config_entry_id(entry.entry_id)
        percent = count * 100 // MAX_ENABLED_ENTITIES_PER_CONFIG_ENTRY
        if percent != told:
            told = percent
            _tell(hass, entry, percent)

    look()
    return hass.bus.async_listen(er.EVENT_ENTITY_REGISTRY_UPDATED, look)


@callback
def async_forget_entities(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Tell nothing of a listener any more."""
    ir.async_delete_issue(hass, DOMAIN, _issue(entry))


@callback
def _tell(hass: HomeAssistant, entry: ConfigEntry, percent: int) -> None:
    if percent < WARNING_PERCENT:
        async_forget_entities(hass, entry)
        return
    ir.async_create_issue(
        hass,
        DOMAIN,
        _issue(entry),
        is_fixable=False,
        learn_more_url=f"{DOCUMENTS}/README.md#known-limits",
        severity=ir.IssueSeverity.WARNING,
        translation_key="entity_limit",
        translation_placeholders={
            "listener": entry.title,
            "percent": str(percent),
            "limit": str(MAX_ENABLED_ENTITIES_PER_CONFIG_ENTRY),
        },
    )
