"""What all entities have in common: whose they are, and when they are woken."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, override

from homeassistant.const import Platform
from homeassistant.core import callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity import EntityDescription
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.update_coordinator import CoordinatorEntity

from .const import DOMAIN
from .coordinator import PILE, PileCoordinator, YkcConfigEntry, vehicle_at
from .server.state import GunState, PileInfo, PileState


@dataclass(frozen=True, kw_only=True)
class GunDescription(EntityDescription):
    """Describes an entity that every gun has."""

    exists_fn: Callable[[PileInfo], bool] = lambda _: True
    value_fn: Callable[[GunState], Any] = lambda _: None
    """What the entity shows; a button shows nothing."""
    attributes_fn: Callable[[GunState], dict[str, Any]] | None = None
    """What it shows besides."""
    always_available: bool = False
    """The ledger or the platform itself knows the value, also while the pile is away."""
    of_parking_lock: bool = False
    """Only guns with a parking lock have it."""
    of_vehicle: bool = False
    """It shows what the vehicle's battery management says, see `GunState.bms`; no other entity looks at that."""


@dataclass(frozen=True, kw_only=True)
class PileDescription(EntityDescription):
    """Describes an entity that every pile has."""

    exists_fn: Callable[[PileInfo], bool] = lambda _: True
    value_fn: Callable[[PileState], Any] = lambda _: None
    """What the entity shows; a button shows nothing."""
    attributes_fn: Callable[[PileState], dict[str, Any]] | None = None
    """What it shows besides."""
    always_available: bool = False
    """The platform itself knows the value, also while the pile is away."""


class YkcEntity(CoordinatorEntity[PileCoordinator]):
    """Shows something of a pile, and is woken when that has changed."""

    _attr_has_entity_name = True
    _shown: object = None

    def __init__(self, coordinator: PileCoordinator, key: str, gun: int | None = None) -> None:
        """Belong to a pile, or to one of its guns."""
        super().__init__(coordinator, PILE if gun is None else gun)
        code = coordinator.pile.code
        self._attr_unique_id = f"{code}_{key}" if gun is None else f"{code}_{gun}_{key}"
        self._attr_translation_key = key
        self.device_entry = coordinator.devices[gun]

    @property
    @override
    def available(self) -> bool:
        """Return whether the pile is there."""
        return self.coordinator.data.online

    @property
    def value(self) -> Any:
        """What the entity shows; a button shows nothing."""
        return None

    @override
    async def async_added_to_hass(self) -> None:
        """Note what is about to be written, and look whenever that may have changed."""
        await super().async_added_to_hass()
        self._shown = self._what_is_shown()

    def _what_is_shown(self) -> tuple[object, ...]:
        return (self.available, self.value, self.extra_state_attributes)

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        """Write the state when it has changed, and only then."""
        shown = self._what_is_shown()
        if shown != self._shown:
            self._shown = shown
            self.async_write_ha_state()


class PileEntity(YkcEntity):
    """Shows something of a pile."""

    entity_description: PileDescription

    def __init__(self, coordinator: PileCoordinator, description: PileDescription) -> None:
        """Show a pile."""
        super().__init__(coordinator, description.key)
        self.entity_description = description

    @property
    @override
    def available(self) -> bool:
        """Return whether what the entity shows is known to be so."""
        return self.entity_description.always_available or super().available

    @property
    @override
    def value(self) -> Any:
        """What the entity shows."""
        return self.entity_description.value_fn(self.coordinator.data)

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any] | None:
        """Return what the entity shows besides."""
        attributes_fn = self.entity_description.attributes_fn
        return None if attributes_fn is None else attributes_fn(self.coordinator.data)


class GunEntity(YkcEntity):
    """Shows something of a gun."""

    entity_description: GunDescription

    def __init__(self, coordinator: PileCoordinator, description: GunDescription, number: int) -> None:
        """Show one gun of a pile."""
        super().__init__(coordinator, description.key, number)
        self.entity_description = description
        self.number = number

    @property
    def gun(self) -> GunState | None:
        """The gun as it is now; None for the moment in which it goes away."""
        return self.coordinator.data.guns.get(self.number)

    @property
    @override
    def available(self) -> bool:
        """Return whether what the entity shows is known to be so."""
        return self.gun is not None and (self.entity_description.always_available or super().available)

    @property
    @override
    def value(self) -> Any:
        """What the entity shows."""
        gun = self.gun
        return None if gun is None else self.entity_description.value_fn(gun)

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any] | None:
        """Return what the entity shows besides."""
        attributes_fn, gun = self.entity_description.attributes_fn, self.gun
        return None if attributes_fn is None or gun is None else attributes_fn(gun)

    @override
    async def async_added_to_hass(self) -> None:
        """Look also when only the vehicle spoke, where that is shown."""
        await super().async_added_to_hass()
        if self.entity_description.of_vehicle:
            self.async_on_remove(
                self.coordinator.async_add_listener(self._handle_coordinator_update, vehicle_at(self.number))
            )

    @override
    def _what_is_shown(self) -> tuple[object, ...]:
        # The properties say the same, each with a look at the pile: this is asked after every report.
        pile, description = self.coordinator.data, self.entity_description
        gun = pile.guns.get(self.number)
        if gun is None:
            return (False, None, None)
        attributes_fn = description.attributes_fn
        return (
            description.always_available or pile.online,
            description.value_fn(gun),
            None if attributes_fn is None else attributes_fn(gun),
        )


def gun_entities[DescriptionT: GunDescription](
    coordinator: PileCoordinator,
    entity: Callable[[PileCoordinator, DescriptionT, int], GunEntity],
    descriptions: Iterable[DescriptionT],
) -> Iterator[GunEntity]:
    """Yield what each gun of a pile has."""
    info, locks = coordinator.info, coordinator.parking_locks
    for number in range(1, info.gun_count + 1):
        for description in descriptions:
            if description.exists_fn(info) and (not description.of_parking_lock or number in locks):
                yield entity(coordinator, description, number)


def pile_entities[DescriptionT: PileDescription](
    coordinator: PileCoordinator,
    entity: Callable[[PileCoordinator, DescriptionT], PileEntity],
    descriptions: Iterable[DescriptionT],
) -> Iterator[PileEntity]:
    """Yield what a pile has."""
    for description in descriptions:
        if description.exists_fn(coordinator.info):
            yield entity(coordinator, description)


@callback
def async_add_piles(
    entry: YkcConfigEntry,
    platform: Platform,
    async_add_entities: AddConfigEntryEntitiesCallback,
    create: Callable[[PileCoordinator], Iterable[YkcEntity]],
) -> None:
    """Keep a platform's entities those that the piles have, now and later.

    `create` returns what a pile should have. What is new is added; what is no
    longer among it, as after a change of hardware, is removed.
    """
    there: dict[str, set[str | None]] = {}

    @callback
    def show(coordinator: PileCoordinator) -> None:
        entities = {entity.unique_id: entity for entity in create(coordinator)}
        _remove_others(coordinator, platform, entities.keys())
        subentry_id = coordinator.subentry.subentry_id
        known = there.get(subentry_id, set())
        there[subentry_id] = set(entities)
        if new := [entity for key, entity in entities.items() if key not in known]:
            async_add_entities(new, config_subentry_id=subentry_id)

    entry.async_on_unload(entry.runtime_data.async_on_pile(show))


def _remove_others(coordinator: PileCoordinator, platform: Platform, keep: Iterable[str | None]) -> None:
    registry = er.async_get(coordinator.hass)
    for device in coordinator.devices.values():
        for known in er.async_entries_for_device(registry, device.id, include_disabled_entities=True):
            if known.platform == DOMAIN and known.domain == platform and known.unique_id not in keep:
                registry.async_remove(known.entity_id)
