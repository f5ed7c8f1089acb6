"""The arm that keeps the parking space before a gun free."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, override

from homeassistant.components.lock import LockEntity, LockEntityDescription
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import CONF_ALLOW_RAISING_BY_LOCK, DOMAIN
from .coordinator import YkcConfigEntry
from .entity import GunDescription, GunEntity, async_add_piles, gun_entities
from .server.parking import ParkingLock
from .server.state import GunState

# A pile sends one command at a time; different piles need not wait for each other.
PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class GunLockDescription(GunDescription, LockEntityDescription):
    """Describes a lock of a gun."""

    value_fn: Callable[[GunState], ParkingLock | None]


PARKING_LOCK: Final = GunLockDescription(
    key="parking_lock",
    of_parking_lock=True,
    value_fn=lambda gun: gun.parking_lock,
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: YkcConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the parking locks of all piles."""
    async_add_piles(
        entry,
        Platform.LOCK,
        async_add_entities,
        lambda pile: gun_entities(pile, ParkingLockEntity, (PARKING_LOCK,)),
    )


class ParkingLockEntity(GunEntity, LockEntity):
    """A parking lock: locked while the arm is raised."""

    entity_description: GunLockDescription

    @property
    @override
    def is_locked(self) -> bool | None:
        """Return whether the arm is raised; None on its way, and where the pile has not said."""
        lock: ParkingLock | None = self.value
        if lock is None or lock.position not in ("raised", "lowered"):
            return None
        return lock.position == "raised"

    @property
    @override
    def is_jammed(self) -> bool:
        """Return whether the arm is stuck."""
        lock: ParkingLock | None = self.value
        return lock is not None and lock.alarm == "arm_stuck"

    @override
    async def async_lock(self, **kwargs: Any) -> None:
        """Raise the arm, where the listener's options allow it.

        An entity does not learn how it came to be locked: by its name, or with all
        locks of an area. So none is raised this way unless a person chose that;
        the action `ykc.raise_parking_lock` is for nothing else, and always may.
        """
        if not self.coordinator.config_entry.options.get(CONF_ALLOW_RAISING_BY_LOCK, False):
            raise ServiceValidationError(
                translation_domain=DOMAIN,
                translation_key="raising_by_lock_not_allowed",
                translation_placeholders={"pile": self.coordinator.name, "gun": str(self.number)},
            )
        with self.coordinator.commanding() as pile:
            await pile.parking.raise_arm(self.number)

    @override
    async def async_unlock(self, **kwargs: Any) -> None:
        """Lower the arm."""
        with self.coordinator.commanding() as pile:
            await pile.parking.lower_arm(self.number)
