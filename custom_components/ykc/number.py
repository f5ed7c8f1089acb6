"""Numbers: how much of its power a pile may use, in percent and, where known, in kW; and limits of charges."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, override

from homeassistant.components.number import NumberDeviceClass, NumberEntity, NumberEntityDescription, NumberMode
from homeassistant.const import PERCENTAGE, EntityCategory, Platform, UnitOfPower
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import PileCoordinator, YkcConfigEntry
from .entity import GunEntity, PileDescription, PileEntity, async_add_piles, gun_entities, pile_entities
from .limit_numbers import LIMITS, LimitNumber
from .server.settings import FULL_POWER, LEAST_POWER
from .server.state import PileState

# A pile sends one command at a time; different piles need not wait for each other.
PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class PileNumberDescription(PileDescription, NumberEntityDescription):
    """Describes a number of a pile."""

    value_fn: Callable[[PileState], int | None]


def _max_power(pile: PileState) -> int | None:
    return None if pile.parameters is None else pile.parameters.max_power


MAX_POWER: Final = PileNumberDescription(
    key="max_power",
    native_min_value=LEAST_POWER,
    native_max_value=FULL_POWER,
    native_step=1,
    native_unit_of_measurement=PERCENTAGE,
    mode=NumberMode.SLIDER,
    entity_category=EntityCategory.CONFIG,
    entity_registry_enabled_default=False,
    value_fn=_max_power,
)

MAX_POWER_KW: Final = PileNumberDescription(
    key="max_power_kw",
    device_class=NumberDeviceClass.POWER,
    native_unit_of_measurement=UnitOfPower.KILO_WATT,
    mode=NumberMode.BOX,
    entity_category=EntityCategory.CONFIG,
    entity_registry_enabled_default=False,
    value_fn=_max_power,
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: YkcConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the numbers of all piles."""

    def numbers(pile: PileCoordinator) -> Iterator[GunEntity | PileEntity]:
        yield from pile_entities(pile, MaxPower, (MAX_POWER,))
        if pile.rated_power is not None:
            yield from pile_entities(pile, MaxPowerKilowatts, (MAX_POWER_KW,))
        yield from gun_entities(pile, LimitNumber, LIMITS)

    async_add_piles(entry, Platform.NUMBER, async_add_entities, numbers)


# A number has a `value` of its own, in the unit that a person chose: it goes first.
class MaxPower(NumberEntity, PileEntity):
    """The limit as the pile confirmed it last; unknown until it was told for the first time."""

    entity_description: PileNumberDescription

    @property
    @override
    def native_value(self) -> float | None:
        """Return the limit."""
        return self.entity_description.value_fn(self.coordinator.data)

    @override
    async def async_set_native_value(self, value: float) -> None:
        """Limit the power; a pile knows whole percents, and never gets more than was asked for."""
        with self.coordinator.commanding() as pile:
            await pile.parameters.set(max_power=int(value))


class MaxPowerKilowatts(MaxPower):
    """The same limit in kW: a percent of the rated power that a person gave is a step."""

    @property
    def _percent(self) -> float:
        """One percent in kW; nothing for the moment in which the entity goes away."""
        return (self.coordinator.rated_power or 0) / 100

    @property
    @override
    def native_min_value(self) -> float:
        """Return the strongest limit."""
        return round(LEAST_POWER * self._percent, 3)

    @property
    @override
    def native_max_value(self) -> float:
        """Return the rated power."""
        return round(FULL_POWER * self._percent, 3)

    @property
    @override
    def native_step(self) -> float:
        """Return what a percent is."""
        return round(self._percent, 3)

    @property
    @override
    def native_value(self) -> float | None:
        """Return the limit."""
        percent = self.entity_description.value_fn(self.coordinator.data)
        return None if percent is None else round(percent * self._percent, 3)

    @override
    async def async_set_native_value(self, value: float) -> None:
        """Limit the power to the whole percents that are in `value` kW."""
        # Rounded first: 2.1 kW are 30 % of 7 kW, however the machine divides.
        percent = int(round(value / self._percent, 6))
        with self.coordinator.commanding() as pile:
            await pile.parameters.set(max_power=max(LEAST_POWER, percent))
