"""Start and stop a charge, by itself too, and take a pile out of service: switches that show what is really so."""

from dataclasses import dataclass
from typing import Any, Final, override

from homeassistant.components.switch import SwitchEntity, SwitchEntityDescription
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
from .server.state import GunState, GunStatus

# A pile sends one command at a time; different piles need not wait for each other.
PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class GunSwitchDescription(GunDescription, SwitchEntityDescription):
    """Describes a switch of a gun."""


@dataclass(frozen=True, kw_only=True)
class PileSwitchDescription(PileDescription, SwitchEntityDescription):
    """Describes a switch of a pile."""


def _is_charging(gun: GunState) -> bool | None:
    if gun.status is None:
        return None
    # An order that waits for the plug is under way, and is ended by turning off.
    return gun.status in (GunStatus.STARTING, GunStatus.WAITING_FOR_PLUG, GunStatus.CHARGING)


CHARGING: Final = GunSwitchDescription(key="charging", value_fn=_is_charging)

START_WHEN_PLUGGED: Final = GunSwitchDescription(
    key="start_when_plugged",
    entity_category=EntityCategory.CONFIG,
    entity_registry_enabled_default=False,
    always_available=True,
    value_fn=lambda gun: gun.plug_start.setting.enabled,
)

IN_SERVICE: Final = PileSwitchDescription(
    key="in_service",
    entity_category=EntityCategory.CONFIG,
    entity_registry_enabled_default=False,
    value_fn=lambda pile: None if pile.parameters is None else pile.parameters.in_service,
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: YkcConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the switches of all piles."""
    async_add_piles(
        entry,
        Platform.SWITCH,
        async_add_entities,
        lambda pile: (
            *pile_entities(pile, InServiceSwitch, (IN_SERVICE,)),
            *gun_entities(pile, ChargingSwitch, (CHARGING,)),
            *gun_entities(pile, StartWhenPluggedSwitch, (START_WHEN_PLUGGED,)),
        ),
    )


class _Switch(YkcEntity, SwitchEntity):
    """A switch that shows what is so."""

    @property
    @override
    def is_on(self) -> bool | None:
        """Return whether it is on."""
        on: bool | None = self.value
        return on


class ChargingSwitch(GunEntity, _Switch):
    """The charge of a gun: it runs, begins, or waits for the plug."""

    entity_description: GunSwitchDescription

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Start a charge."""
        with self.coordinator.commanding() as pile:
            await pile.start_charging(self.number)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Stop the charge."""
        with self.coordinator.commanding() as pile:
            await pile.stop_charging(self.number)


class StartWhenPluggedSwitch(GunEntity, _Switch):
    """Whether a gun charges vehicles when they are plugged in."""

    entity_description: GunSwitchDescription

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Charge each vehicle once, the one that is there too."""
        with self.coordinator.commanding() as pile:
            pile.plug_starts.set(self.number, enabled=True)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Charge none by itself; a charge under way goes on."""
        with self.coordinator.commanding() as pile:
            pile.plug_starts.set(self.number, enabled=False)


class InServiceSwitch(PileEntity, _Switch):
    """Whether a pile may be used, as it confirmed last; unknown until it was told for the first time."""

    entity_description: PileSwitchDescription

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Take the pile into service."""
        with self.coordinator.commanding() as pile:
            await pile.parameters.set(in_service=True)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Take the pile out of service."""
        with self.coordinator.commanding() as pile:
            await pile.parameters.set(in_service=False)
