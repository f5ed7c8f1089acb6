"""Measures the Home Assistant that it runs in, and is the floor that the integration is measured against."""

from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.typing import ConfigType

from .commands import async_setup_commands
from .floor import async_load_plan, async_register_devices

CONFIG_SCHEMA = cv.empty_config_schema("ykc_bench")

PLATFORMS: Final = (
    Platform.BINARY_SENSOR,
    Platform.BUTTON,
    Platform.EVENT,
    Platform.LOCK,
    Platform.NUMBER,
    Platform.SELECT,
    Platform.SENSOR,
    Platform.SWITCH,
)
"""The same as the integration's."""


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Register what a measurement asks."""
    async_setup_commands(hass)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: ConfigEntry) -> bool:
    """Add empty entities: as many as the integration has."""
    plan = await async_load_plan(hass)
    entry.runtime_data = plan, async_register_devices(hass, entry)
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    return True
