"""Triggers: what happens at guns and piles, whichever of their entities are enabled.

They listen to all piles and look at their target when something happens, so
they outlive reloads of a listener and follow devices that are moved.
"""

from datetime import datetime, timedelta
from typing import Any, ClassVar, Final, override

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.event import async_track_utc_time_change
from homeassistant.helpers.trigger import Trigger, TriggerActionRunner, TriggerConfig, TriggerNotTriggeredReporter
from homeassistant.helpers.typing import ConfigType
import voluptuous as vol

from .const import CONF_PERIOD
from .coordinator import HAPPENED, PileCoordinator
from .happenings import HAPPENINGS, Happening
from .server.tariff import PERIODS
from .targets import reached_devices, reached_piles, target_schema

TARIFF_PERIOD_BEGAN: Final = "tariff_period_began"
TARIFF_PERIOD_ENDED: Final = "tariff_period_ended"


class _TargetTrigger(Trigger):
    """What all triggers have: a target."""

    _options: ClassVar[dict[vol.Marker, Any]] = {}

    @classmethod
    @override
    async def async_validate_config(cls, hass: HomeAssistant, config: ConfigType) -> ConfigType:
        """Check target and options."""
        checked: ConfigType = target_schema(cls._options)(config)
        return checked

    def __init__(self, hass: HomeAssistant, config: TriggerConfig) -> None:
        """Take the target."""
        super().__init__(hass, config)
        self._target = config.target or {}


class HappeningTrigger(_TargetTrigger):
    """Something happened at a gun or to a pile."""

    _kind: ClassVar[str]

    @override
    async def async_attach_runner(
        self, run_action: TriggerActionRunner, did_not_trigger: TriggerNotTriggeredReporter | None = None
    ) -> CALLBACK_TYPE:
        """Run the action whenever it happens."""

        @callback
        def handle(pile: PileCoordinator, happening: Happening) -> None:
            if happening.kind != self._kind or not self._is_for(pile, happening):
                return
            payload = {"device_id": pile.devices[happening.gun].id, "pile": pile.name, "gun": happening.gun}
            run_action({**payload, **happening.data}, f"{self._kind} at {_place(pile, happening)}")

        return async_dispatcher_connect(self._hass, HAPPENED, handle)

    def _is_for(self, pile: PileCoordinator, happening: Happening) -> bool:
        """Tell whether the target has the gun; what happens to a pile happens to its guns."""
        devices = reached_devices(self._hass, self._target)
        if happening.gun is None:
            return any(device.id in devices for device in pile.devices.values())
        return happening.gun in pile.devices and pile.devices[happening.gun].id in devices


def _place(pile: PileCoordinator, happening: Happening) -> str:
    return pile.name if happening.gun is None else f"{pile.name}, gun {happening.gun}"


class TariffPeriodTrigger(_TargetTrigger):
    """A period of the tariff began."""

    _ended: ClassVar[bool] = False
    _options = {vol.Required(CONF_PERIOD): vol.In(PERIODS)}

    def __init__(self, hass: HomeAssistant, config: TriggerConfig) -> None:
        """Take the period."""
        super().__init__(hass, config)
        assert config.options is not None
        self._period: str = config.options[CONF_PERIOD]

    @override
    async def async_attach_runner(
        self, run_action: TriggerActionRunner, did_not_trigger: TriggerNotTriggeredReporter | None = None
    ) -> CALLBACK_TYPE:
        """Run the action for each pile whose period begins or ends."""

        @callback
        def look(now: datetime) -> None:
            before = now - timedelta(minutes=1)
            for pile in reached_piles(self._hass, self._target):
                is_so, was_so = (pile.tariff_period(at) == self._period for at in (now, before))
                if (was_so, is_so) == (self._ended, not self._ended):
                    payload = {"device_id": pile.devices[None].id, "pile": pile.name, "period": self._period}
                    run_action(payload, f"{self._period} period {'ended' if self._ended else 'began'} at {pile.name}")

        # Half hours of any time zone begin at quarters of UTC.
        return async_track_utc_time_change(self._hass, look, minute=[0, 15, 30, 45], second=0)


class TariffPeriodEndedTrigger(TariffPeriodTrigger):
    """A period of the tariff ended."""

    _ended = True


def _trigger_for(kind: str) -> type[Trigger]:
    return type(f"{kind.title().replace('_', '')}Trigger", (HappeningTrigger,), {"_kind": kind})


TRIGGERS: Final[dict[str, type[Trigger]]] = {
    **{kind: _trigger_for(kind) for kind in HAPPENINGS},
    TARIFF_PERIOD_BEGAN: TariffPeriodTrigger,
    TARIFF_PERIOD_ENDED: TariffPeriodEndedTrigger,
}


async def async_get_triggers(hass: HomeAssistant) -> dict[str, type[Trigger]]:
    """Return the triggers by the name that follows the domain."""
    return TRIGGERS
