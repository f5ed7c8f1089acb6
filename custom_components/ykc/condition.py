"""Conditions: what is true of guns and piles, whichever of their entities are enabled."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, ClassVar, Final, Unpack, override

from homeassistant.core import HomeAssistant
from homeassistant.helpers.condition import (
    ATTR_BEHAVIOR,
    BEHAVIOR_ALL,
    BEHAVIOR_ANY,
    Condition,
    ConditionCheckParams,
    ConditionConfig,
)
from homeassistant.helpers.typing import ConfigType
import voluptuous as vol

from .const import CONF_PERIOD
from .server.state import GunState
from .server.tariff import PERIODS
from .targets import reached_guns, reached_piles, target_schema

_BEHAVIOR: Final[dict[vol.Marker, Any]] = {
    vol.Optional(ATTR_BEHAVIOR, default=BEHAVIOR_ANY): vol.In([BEHAVIOR_ANY, BEHAVIOR_ALL]),
}


class _TargetCondition(Condition):
    """What all conditions have: a target, and whether one will do or all must."""

    _schema: ClassVar[dict[vol.Marker, Any]] = _BEHAVIOR

    @classmethod
    @override
    async def async_validate_config(cls, hass: HomeAssistant, config: ConfigType) -> ConfigType:
        """Check target and options."""
        checked: ConfigType = target_schema(cls._schema)(config)
        return checked

    def __init__(self, hass: HomeAssistant, config: ConditionConfig) -> None:
        """Take target and options."""
        super().__init__(hass, config)
        self._target = config.target or {}
        self._options = config.options or {}

    @override
    def _async_check(self, **kwargs: Unpack[ConditionCheckParams]) -> bool:
        """Return whether it is so; of nothing that runs, nothing is."""
        found = list(self._found())
        combine: Callable[[Iterable[bool]], bool] = all if self._options[ATTR_BEHAVIOR] == BEHAVIOR_ALL else any
        return bool(found) and combine(found)

    def _found(self) -> Iterator[bool]:
        """Yield whether it is so, for each gun or pile of the target."""
        raise NotImplementedError


class GunCondition(_TargetCondition):
    """Something is true of a gun; what the pile has not said is not."""

    is_so: ClassVar[Callable[[GunState], bool | None]]

    @override
    def _found(self) -> Iterator[bool]:
        """Look at the guns."""
        for gun in reached_guns(self._hass, self._target):
            state = gun.pile.data.guns.get(gun.number)
            yield state is not None and bool(type(self).is_so(state))


class OnlineCondition(_TargetCondition):
    """A pile is there."""

    @override
    def _found(self) -> Iterator[bool]:
        """Look at the piles."""
        return (pile.data.online for pile in reached_piles(self._hass, self._target))


class TariffPeriodCondition(_TargetCondition):
    """It is a period of a pile's tariff."""

    _schema = {**_BEHAVIOR, vol.Required(CONF_PERIOD): vol.In(PERIODS)}

    @override
    def _found(self) -> Iterator[bool]:
        """Look at the piles' prices."""
        period = self._options[CONF_PERIOD]
        for pile in reached_piles(self._hass, self._target):
            yield pile.tariff_period(pile.pile.site.now()) == period


def _of_gun(is_so: Callable[[GunState], bool | None]) -> type[Condition]:
    return type("GunCondition", (GunCondition,), {"is_so": staticmethod(is_so)})


CONDITIONS: Final[dict[str, type[Condition]]] = {
    "is_charging": _of_gun(lambda gun: gun.charging),
    "is_plugged": _of_gun(lambda gun: gun.plugged),
    "has_fault": _of_gun(lambda gun: gun.problem),
    "limit_reached": _of_gun(lambda gun: gun.limit_reached is not None),
    "is_online": OnlineCondition,
    "tariff_period_is": TariffPeriodCondition,
}


async def async_get_conditions(hass: HomeAssistant) -> dict[str, type[Condition]]:
    """Return the conditions by the name that follows the domain."""
    return CONDITIONS
