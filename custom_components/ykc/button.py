"""What a pile or a gun can be told to do once."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, override

from homeassistant.components.button import ButtonDeviceClass, ButtonEntity, ButtonEntityDescription
from homeassistant.const import EntityCategory, Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import YkcConfigEntry
from .entity import GunDescription, GunEntity, PileDescription, PileEntity, async_add_piles, gun_entities, pile_entities
from .server.pile import Pile

# A pile sends one command at a time; different piles need not wait for each other.
PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class GunButtonDescription(GunDescription, ButtonEntityDescription):
    """Describes a button of a gun."""

    press_fn: Callable[[Pile, int], Awaitable[Any]]


@dataclass(frozen=True, kw_only=True)
class PileButtonDescription(PileDescription, ButtonEntityDescription):
    """Describes a button of a pile."""

    press_fn: Callable[[Pile], Awaitable[Any]]


PILE_DESCRIPTIONS: Final = (
    PileButtonDescription(
        key="synchronise_clock",
        entity_category=EntityCategory.CONFIG,
        # It is set after each login and daily.
        entity_registry_enabled_default=False,
        press_fn=lambda pile: pile.synchronise_clock(),
    ),
    PileButtonDescription(
        key="reboot",
        device_class=ButtonDeviceClass.RESTART,
        entity_category=EntityCategory.CONFIG,
        entity_registry_enabled_default=False,
        # A charge is worth more than haste; the action can do it at once.
        press_fn=lambda pile: pile.maintenance.reboot(when_idle=True),
    ),
)

DESCRIPTIONS: Final = (
    GunButtonDescription(key="start", press_fn=lambda pile, gun: pile.start_charging(gun)),
    GunButtonDescription(key="stop", press_fn=lambda pile, gun: pile.stop_charging(gun)),
    GunButtonDescription(
        key="read_now",
        entity_category=EntityCategory.DIAGNOSTIC,
        # A pile reports by itself, and whatever changes at once.
        entity_registry_enabled_default=False,
        press_fn=lambda pile, gun: pile.read_realtime(gun),
    ),
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: YkcConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the buttons of all piles."""
    async_add_piles(
        entry,
        Platform.BUTTON,
        async_add_entities,
        lambda pile: (
            *pile_entities(pile, PileButton, PILE_DESCRIPTIONS),
            *gun_entities(pile, GunButton, DESCRIPTIONS),
        ),
    )


class GunButton(GunEntity, ButtonEntity):
    """A command to a gun."""

    entity_description: GunButtonDescription

    @override
    async def async_press(self) -> None:
        """Send the command."""
        with self.coordinator.commanding() as pile:
            await self.entity_description.press_fn(pile, self.number)


class PileButton(PileEntity, ButtonEntity):
    """A command to a pile."""

    entity_description: PileButtonDescription

    @override
    async def async_press(self) -> None:
        """Send the command."""
        with self.coordinator.commanding() as pile:
            await self.entity_description.press_fn(pile)
