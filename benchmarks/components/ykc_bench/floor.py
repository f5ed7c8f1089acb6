"""Empty entities: as many of each platform, enabled and disabled, on as many devices, as the integration has.

It is written to be fast: each device is registered once, and each platform adds its entities in one call.
"""

from collections.abc import Awaitable, Callable
import json
from pathlib import Path
from typing import Final, NamedTuple, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.device_registry import AnyDeviceEntry
from homeassistant.helpers.entity import Entity
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

DOMAIN: Final = "ykc_bench"
PLAN: Final = "plan.json"
CODES: Final = "codes"
GUNS: Final = "guns"

type Devices = dict[tuple[str, int | None], AnyDeviceEntry]
"""By the code of a pile and the number of a gun, or None for the pile."""
type Setup = Callable[[HomeAssistant, ConfigEntry, AddConfigEntryEntitiesCallback], Awaitable[None]]


class Planned(NamedTuple):
    """An entity that every pile has."""

    gun: int | None
    platform: str
    key: str
    name: str
    enabled: bool


async def async_load_plan(hass: HomeAssistant) -> list[Planned]:
    """Return what every pile has."""
    plan = Path(hass.config.path(PLAN))
    text = await hass.async_add_executor_job(plan.read_text)
    return [Planned(*planned) for planned in json.loads(text)]


def async_register_devices(hass: HomeAssistant, entry: ConfigEntry) -> Devices:
    """Register all piles and guns."""
    registry = dr.async_get(hass)
    devices: Devices = {}
    for code in entry.data[CODES]:
        pile = devices[code, None] = registry.async_get_or_create(
            config_entry_id=entry.entry_id,
            identifiers={(DOMAIN, code)},
            manufacturer="YKC",
            name=code,
        )
        for number in range(1, entry.data[GUNS] + 1):
            devices[code, number] = registry.async_get_or_create_child(
                config_entry_id=entry.entry_id,
                identifiers={(DOMAIN, f"{code}_{number}")},
                parent_device_id=pile.id,
                name=f"Gun {number}",
            )
    return devices


class _Empty(Entity):
    """Shows nothing."""

    _attr_has_entity_name = True
    _attr_should_poll = False

    def __init__(self, planned: Planned, code: str, device: AnyDeviceEntry) -> None:
        """Belong to a pile, or to one of its guns."""
        self._attr_name = planned.name
        self._attr_unique_id = f"{code}_{planned.gun}_{planned.key}"
        self._attr_entity_registry_enabled_default = planned.enabled
        self.device_entry = device

    @property
    @override
    def state(self) -> None:
        """Show nothing."""
        return


def empty_entities(platform: Platform) -> Setup:
    """Return what sets a platform up."""

    async def async_setup_entry(
        hass: HomeAssistant, entry: ConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
    ) -> None:
        plan, devices = entry.runtime_data
        async_add_entities(
            _Empty(planned, code, devices[code, planned.gun])
            for code in entry.data[CODES]
            for planned in plan
            if planned.platform == platform
        )

    return async_setup_entry
