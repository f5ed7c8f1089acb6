"""Home Assistant as the platform of YKC (云快充) charging piles."""

from functools import partial

from homeassistant.const import EVENT_CORE_CONFIG_UPDATE, EVENT_HOMEASSISTANT_STOP
from homeassistant.core import Event, HomeAssistant
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.device_registry import AnyDeviceEntry
from homeassistant.helpers.typing import ConfigType

from .collector import async_pace_collector
from .const import CONF_GUN_COUNT, DOMAIN, PLATFORMS
from .coordinator import YkcConfigEntry
from .entity_limit import async_forget_entities, async_watch_entities
from .hub import Hub
from .issues import async_forget_pile
from .message_commands import async_setup_message_commands
from .messages import TAPS
from .page_commands import async_setup_page_commands
from .panel import async_apply_page, async_leave_page
from .server.taps import Taps
from .services import async_setup_services
from .subentry import piles

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Register the actions: they exist as long as the integration does."""
    hass.data[TAPS] = Taps()
    async_setup_services(hass)
    async_setup_message_commands(hass)
    async_setup_page_commands(hass)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: YkcConfigEntry) -> bool:
    """Listen for piles."""
    hub = Hub(hass, entry)
    await hub.async_open()
    entry.runtime_data = hub
    async_pace_collector(hass, entry.entry_id, len(hub.piles))
    # Also when the rest of the setup fails.
    entry.async_on_unload(partial(async_pace_collector, hass, entry.entry_id, 0))

    async def close(_event: Event) -> None:
        await hub.async_close()

    async def apply(_event: Event) -> None:
        await hub.async_apply()
        # The page's title is in Home Assistant's language.
        await async_apply_page(hass, entry)

    entry.async_on_unload(hass.bus.async_listen_once(EVENT_HOMEASSISTANT_STOP, close))
    # A pile's time zone is Home Assistant's where the options name none.
    entry.async_on_unload(hass.bus.async_listen(EVENT_CORE_CONFIG_UPDATE, apply))
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    entry.async_on_unload(entry.add_update_listener(_async_apply))
    entry.async_on_unload(async_watch_entities(hass, entry))
    # What changed while the platforms were set up.
    await hub.async_apply()
    await async_apply_page(hass, entry)
    return True


async def async_unload_entry(hass: HomeAssistant, entry: YkcConfigEntry) -> bool:
    """Hang up."""
    if unloaded := await hass.config_entries.async_unload_platforms(entry, PLATFORMS):
        # A page that somebody looks at outlives a reload: without its panel the browser would go elsewhere.
        if entry.disabled_by is not None:
            await async_leave_page(hass, entry)
        await entry.runtime_data.async_close()
    return unloaded


async def async_remove_entry(hass: HomeAssistant, entry: YkcConfigEntry) -> None:
    """Tell nothing more of the piles; what they charged stays in the ledger."""
    await async_leave_page(hass, entry)
    async_forget_entities(hass, entry)
    for pile in piles(entry):
        async_forget_pile(hass, pile.subentry_id)


async def async_remove_config_entry_device(hass: HomeAssistant, entry: YkcConfigEntry, device: AnyDeviceEntry) -> bool:
    """Tell whether a device may be removed: not that of a pile or gun, which goes with its pile."""
    there = {
        (DOMAIN, name)
        for pile in piles(entry)
        for name in (pile.unique_id, *(f"{pile.unique_id}_{gun}" for gun in range(1, pile.data[CONF_GUN_COUNT] + 1)))
    }
    return there.isdisjoint(device.identifiers)


async def _async_apply(hass: HomeAssistant, entry: YkcConfigEntry) -> None:
    """Apply what a flow, a login or the user interface changed."""
    await entry.runtime_data.async_apply()
    async_pace_collector(hass, entry.entry_id, len(entry.runtime_data.piles))
    await async_apply_page(hass, entry)
