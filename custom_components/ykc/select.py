"""Choose when a vehicle that is plugged in is charged."""

from dataclasses import dataclass
from typing import Final, override

from homeassistant.components.select import SelectEntity, SelectEntityDescription
from homeassistant.const import EntityCategory, Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import YkcConfigEntry
from .entity import GunDescription, GunEntity, async_add_piles, gun_entities
from .server.settings import START_PERIODS

PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class GunSelectDescription(GunDescription, SelectEntityDescription):
    """Describes a choice for a gun."""


START_PERIOD: Final = GunSelectDescription(
    key="start_period",
    options=list(START_PERIODS),
    entity_category=EntityCategory.CONFIG,
    entity_registry_enabled_default=False,
    always_available=True,
    value_fn=lambda gun: gun.plug_start.setting.period,
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: YkcConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the choices of all guns."""
    async_add_piles(
        entry,
        Platform.SELECT,
        async_add_entities,
        lambda pile: gun_entities(pile, StartPeriod, (START_PERIOD,)),
    )


class StartPeriod(GunEntity, SelectEntity):
    """At once, or the tariff period in which a gun starts by itself."""

    entity_description: GunSelectDescription

    @property
    @override
    def current_option(self) -> str | None:
        """Return what was chosen."""
        period: str | None = self.value
        return period

    @override
    async def async_select_option(self, option: str) -> None:
        """Choose."""
        with self.coordinator.commanding() as pile:
            pile.plug_starts.set(self.number, period=option)
