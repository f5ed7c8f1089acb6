"""What is true of a pile or a gun, or is not."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, override

from homeassistant.components.binary_sensor import (
    BinarySensorDeviceClass,
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.const import EntityCategory, Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import PileCoordinator, YkcConfigEntry
from .entity import GunDescription, GunEntity, YkcEntity, async_add_piles, gun_entities
from .server.state import GunState

PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class GunBinarySensorDescription(GunDescription, BinarySensorEntityDescription):
    """Describes a binary sensor of a gun."""

    value_fn: Callable[[GunState], bool | None]


DESCRIPTIONS: Final = (
    GunBinarySensorDescription(
        key="plugged",
        device_class=BinarySensorDeviceClass.PLUG,
        value_fn=lambda gun: gun.plugged,
    ),
    GunBinarySensorDescription(
        key="charging",
        device_class=BinarySensorDeviceClass.BATTERY_CHARGING,
        value_fn=lambda gun: gun.charging,
    ),
    GunBinarySensorDescription(
        key="problem",
        device_class=BinarySensorDeviceClass.PROBLEM,
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda gun: gun.problem,
    ),
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: YkcConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the binary sensors of all piles."""
    async_add_piles(
        entry,
        Platform.BINARY_SENSOR,
        async_add_entities,
        lambda pile: (
            ConnectionSensor(pile),
            *gun_entities(pile, GunBinarySensor, DESCRIPTIONS),
        ),
    )


class GunBinarySensor(GunEntity, BinarySensorEntity):
    """A yes or no of a gun."""

    entity_description: GunBinarySensorDescription

    @property
    @override
    def is_on(self) -> bool | None:
        """Return the yes or no."""
        on: bool | None = self.value
        return on


class ConnectionSensor(YkcEntity, BinarySensorEntity):
    """Whether a pile's connection stands, this very moment."""

    _attr_device_class = BinarySensorDeviceClass.CONNECTIVITY
    _attr_entity_category = EntityCategory.DIAGNOSTIC

    def __init__(self, coordinator: PileCoordinator) -> None:
        """Watch the connection of a pile."""
        super().__init__(coordinator, "connection")

    @property
    @override
    def available(self) -> bool:
        """Return that this is always known."""
        return True

    @property
    @override
    def value(self) -> bool:
        """Whether the pile is connected."""
        return self.coordinator.data.connected

    @property
    @override
    def is_on(self) -> bool:
        """Return whether the pile is connected."""
        return self.value
