"""What happens at a pile once."""

from dataclasses import dataclass
from typing import Final, override

from homeassistant.components.event import EventEntity, EventEntityDescription
from homeassistant.const import EntityCategory, Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import YkcConfigEntry
from .entity import PileDescription, PileEntity, async_add_piles, pile_entities
from .server.maintenance import UPDATE_OUTCOMES, FirmwareUpdate

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
        lambda pile: pile_entities(pile, FirmwareUpdateEvent, (FIRMWARE_UPDATE,)),
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
