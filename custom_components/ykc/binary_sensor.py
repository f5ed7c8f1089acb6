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

from .coordinator import YkcConfigEntry
from .entity import (
    GunDescription,
    GunEntity,
    PileDescription,
    PileEntity,
    YkcEntity,
    async_add_piles,
    gun_entities,
    pile_entities,
)
from .protocol import fault_slugs
from .server.state import GunState, PileState

PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class GunBinarySensorDescription(GunDescription, BinarySensorEntityDescription):
    """Describes a binary sensor of a gun."""

    value_fn: Callable[[GunState], bool | None]


@dataclass(frozen=True, kw_only=True)
class PileBinarySensorDescription(PileDescription, BinarySensorEntityDescription):
    """Describes a binary sensor of a pile."""

    value_fn: Callable[[PileState], bool | None]


PILE_DESCRIPTIONS: Final = (
    # Whether the connection stands, this very moment.
    PileBinarySensorDescription(
        key="connection",
        device_class=BinarySensorDeviceClass.CONNECTIVITY,
        entity_category=EntityCategory.DIAGNOSTIC,
        always_available=True,
        value_fn=lambda pile: pile.connected,
    ),
)

DESCRIPTIONS: Final = (
    # The newest record against the prices that were in force.
    GunBinarySensorDescription(
        key="bill_mismatch",
        device_class=BinarySensorDeviceClass.PROBLEM,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        value_fn=lambda gun: gun.bill_mismatch,
    ),
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
        # A vendor's own bits can only be shown as they came.
        attributes_fn=lambda gun: {"faults": list(fault_slugs(gun.faults)), "fault_bits": f"{gun.faults:016b}"},
    ),
    GunBinarySensorDescription(
        key="parking_space",
        device_class=BinarySensorDeviceClass.OCCUPANCY,
        of_parking_lock=True,
        value_fn=lambda gun: None if gun.parking_lock is None else gun.parking_lock.occupied,
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
            *pile_entities(pile, PileBinarySensor, PILE_DESCRIPTIONS),
            *gun_entities(pile, GunBinarySensor, DESCRIPTIONS),
        ),
    )


class _YesNo(YkcEntity, BinarySensorEntity):
    """A yes or no."""

    @property
    @override
    def is_on(self) -> bool | None:
        """Return the yes or no."""
        on: bool | None = self.value
        return on


class GunBinarySensor(GunEntity, _YesNo):
    """A yes or no of a gun."""

    entity_description: GunBinarySensorDescription


class PileBinarySensor(PileEntity, _YesNo):
    """A yes or no of a pile."""

    entity_description: PileBinarySensorDescription
