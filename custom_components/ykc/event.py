"""What happens at a pile once."""

from dataclasses import dataclass
from typing import Final, override

from homeassistant.components.event import EventEntity, EventEntityDescription
from homeassistant.const import EntityCategory, Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import HAPPENED, PileCoordinator, YkcConfigEntry
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
from .happenings import GUN_EVENTS, PILE_EVENTS, Happening
from .server.maintenance import UPDATE_OUTCOMES, FirmwareUpdate
from .server.start_requests import START_EVENTS, StartEvent

PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class PileEventDescription(PileDescription, EventEntityDescription):
    """Describes an event of a pile."""


FIRMWARE_UPDATE: Final = PileEventDescription(
    key="firmware_update",
    event_types=list(UPDATE_OUTCOMES),
    entity_category=EntityCategory.DIAGNOSTIC,
    # Few people ever update a pile; an update that failed is told as a repair issue all the same.
    entity_registry_enabled_default=False,
    always_available=True,
)


PILE_EVENT: Final = PileEventDescription(
    key="pile_event",
    event_types=list(PILE_EVENTS),
    entity_category=EntityCategory.DIAGNOSTIC,
    # Triggers and the connection sensor tell the same.
    entity_registry_enabled_default=False,
    always_available=True,
)


@dataclass(frozen=True, kw_only=True)
class GunEventDescription(GunDescription, EventEntityDescription):
    """Describes an event of a gun."""


START_REQUEST: Final = GunEventDescription(
    key="start_request",
    event_types=list(START_EVENTS),
    # Only for piles where drivers show cards, or whose vehicles are known by their VIN.
    entity_registry_enabled_default=False,
)


GUN_EVENT: Final = GunEventDescription(
    key="gun_event",
    event_types=list(GUN_EVENTS),
    # Triggers tell the same without an entity.
    entity_registry_enabled_default=False,
    always_available=True,
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: YkcConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the events of all piles."""
    async_add_piles(
        entry,
        Platform.EVENT,
        async_add_entities,
        lambda pile: (
            *pile_entities(pile, FirmwareUpdateEvent, (FIRMWARE_UPDATE,)),
            *pile_entities(pile, PileEvent, (PILE_EVENT,)),
            *gun_entities(pile, StartRequestEvent, (START_REQUEST,)),
            *gun_entities(pile, GunEvent, (GUN_EVENT,)),
        ),
    )


class FirmwareUpdateEvent(PileEntity, EventEntity):
    """How an update of a pile's software ended."""

    entity_description: PileEventDescription
    _known: FirmwareUpdate | None

    @override
    async def async_added_to_hass(self) -> None:
        """Begin with what is known already: it is no news."""
        self._known = self.coordinator.data.firmware_update
        await super().async_added_to_hass()

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        """Tell what is new."""
        update = self.coordinator.data.firmware_update
        if update is None or update is self._known:
            return
        self._known = update
        self._trigger_event(update.outcome, {"code": update.code})
        self.async_write_ha_state()


class StartRequestEvent(GunEntity, EventEntity):
    """A driver who asked for a charge at the gun; only what happens from now on is told."""

    entity_description: GunEventDescription

    @override
    async def async_added_to_hass(self) -> None:
        """Listen to what drivers ask for."""
        await super().async_added_to_hass()
        self.async_on_remove(self.coordinator.async_subscribe_start_events(self._handle_start_event))

    @callback
    def _handle_start_event(self, event: StartEvent) -> None:
        """Tell what a driver at this gun has come to."""
        if event.gun != self.number:
            return
        self._trigger_event(
            event.kind,
            {
                "method": event.method,
                "driver": event.driver,
                "number": event.masked,
                "reason": event.reason,
            },
        )
        self.async_write_ha_state()


class _HappeningEvent(YkcEntity, EventEntity):
    """What happens from now on."""

    number: int | None = None

    @override
    async def async_added_to_hass(self) -> None:
        """Listen to what happens."""
        await super().async_added_to_hass()
        self.async_on_remove(async_dispatcher_connect(self.hass, HAPPENED, self._handle_happening))

    @callback
    def _handle_happening(self, pile: PileCoordinator, happening: Happening) -> None:
        """Tell what happened here."""
        if pile is self.coordinator and happening.gun == self.number and happening.kind in self.event_types:
            self._trigger_event(happening.kind, dict(happening.data))
            self.async_write_ha_state()


class PileEvent(PileEntity, _HappeningEvent):
    """What happens to a pile."""

    entity_description: PileEventDescription


class GunEvent(GunEntity, _HappeningEvent):
    """What happens at a gun."""

    entity_description: GunEventDescription
    number: int
