"""What each charge of a gun may come to: lasting limits, each 0 for none."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, override

from homeassistant.components.number import NumberDeviceClass, NumberEntity, NumberEntityDescription, NumberMode
from homeassistant.const import PERCENTAGE, EntityCategory, UnitOfEnergy, UnitOfTime

from .const import CURRENCY
from .entity import GunDescription, GunEntity
from .money import exact_limit, whole_limit

MAX_ENERGY: Final = 1000
"""kWh: more than any battery holds."""
MAX_AMOUNT: Final = 10_000
"""CNY: as much as a charge may cost at all where nobody names a balance."""
MAX_MINUTES: Final = 2880
MAX_SOC: Final = 100


@dataclass(frozen=True, kw_only=True)
class LimitDescription(GunDescription, NumberEntityDescription):
    """Describes a limit."""

    limit: str
    """Its name in `ChargeLimits`."""
    convert: Callable[[float], Decimal | int] = whole_limit
    mode: NumberMode = NumberMode.BOX
    native_min_value: float = 0
    native_step: float = 1
    entity_category: EntityCategory = EntityCategory.CONFIG
    entity_registry_enabled_default: bool = False
    always_available: bool = True


LIMITS: Final = (
    LimitDescription(
        key="limit_energy",
        limit="energy",
        convert=exact_limit,
        device_class=NumberDeviceClass.ENERGY,
        native_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        native_max_value=MAX_ENERGY,
        native_step=0.01,
        value_fn=lambda gun: gun.limits.energy,
    ),
    LimitDescription(
        key="limit_amount",
        limit="amount",
        convert=exact_limit,
        device_class=NumberDeviceClass.MONETARY,
        native_unit_of_measurement=CURRENCY,
        native_max_value=MAX_AMOUNT,
        native_step=0.01,
        value_fn=lambda gun: gun.limits.amount,
    ),
    LimitDescription(
        key="limit_minutes",
        limit="minutes",
        device_class=NumberDeviceClass.DURATION,
        native_unit_of_measurement=UnitOfTime.MINUTES,
        native_max_value=MAX_MINUTES,
        value_fn=lambda gun: gun.limits.minutes,
    ),
    LimitDescription(
        key="limit_soc",
        limit="soc",
        native_unit_of_measurement=PERCENTAGE,
        native_max_value=MAX_SOC,
        exists_fn=lambda info: info.pile_type != "ac",
        value_fn=lambda gun: gun.limits.soc,
    ),
)


# A number has a `value` of its own, in the unit that a person chose: it goes first.
class LimitNumber(NumberEntity, GunEntity):
    """A limit of a gun's charges."""

    entity_description: LimitDescription

    @property
    @override
    def native_value(self) -> float:
        """Return the limit, 0 for none."""
        gun = self.gun
        return float((gun and self.entity_description.value_fn(gun)) or 0)

    @override
    async def async_set_native_value(self, value: float) -> None:
        """Take another limit; it holds for a charge under way, too."""
        description = self.entity_description
        with self.coordinator.commanding() as pile:
            pile.session_limits.set(self.number, **{description.limit: description.convert(value)})
