"""What the page sets for a gun: the limits of its charges, and starting when plugged in.

The same as the gun's numbers, switch and select do, which most people leave disabled, and with the same rights.
"""

from typing import Any, Final

from homeassistant.components import websocket_api
from homeassistant.components.websocket_api import ActiveConnection
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError, Unauthorized
from homeassistant.helpers import config_validation as cv
import voluptuous as vol

from .const import DOMAIN, MAX_GUNS
from .coordinator import PileCoordinator
from .page_values import loaded_listeners
from .permissions import may_control
from .server.settings import START_PERIODS
from .services import LIMIT_FIELDS

_LIMIT: Final = "limit_"
_ENABLED: Final = "start_when_plugged"
_PERIOD: Final = "start_period"


@websocket_api.websocket_command(
    {
        vol.Required("type"): f"{DOMAIN}/set_gun",
        vol.Required("pile"): cv.string,
        vol.Required("gun"): vol.All(int, vol.Range(min=1, max=MAX_GUNS)),
        **LIMIT_FIELDS,
        vol.Optional(_ENABLED): bool,
        vol.Optional(_PERIOD): vol.In(START_PERIODS),
    }
)
@callback
def ws_set_gun(hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]) -> None:
    """Set what is given; a limit of 0 is none. Raises `Unauthorized` where the user may not set one of them."""
    code, number = msg["pile"], msg["gun"]
    limits = {key: msg[key] for key in map(str, LIMIT_FIELDS) if key in msg}
    start = {key: msg[key] for key in (_ENABLED, _PERIOD) if key in msg}
    coordinator = _pile(hass, code)
    if coordinator is None or not all(
        may_control(hass, connection.user, code, number, key) for key in (*limits, *start)
    ):
        raise Unauthorized
    try:
        with coordinator.commanding() as pile:
            if limits:
                pile.session_limits.set(number, **{key.removeprefix(_LIMIT): value for key, value in limits.items()})
            if start:
                pile.plug_starts.set(number, enabled=start.get(_ENABLED), period=start.get(_PERIOD))
    except HomeAssistantError as error:
        connection.send_error(
            msg["id"],
            websocket_api.ERR_HOME_ASSISTANT_ERROR,
            str(error),
            translation_domain=error.translation_domain,
            translation_key=error.translation_key,
            translation_placeholders=error.translation_placeholders,
        )
    else:
        connection.send_result(msg["id"])


def _pile(hass: HomeAssistant, code: str) -> PileCoordinator | None:
    piles = (pile for entry in loaded_listeners(hass) for pile in entry.runtime_data.piles.values())
    return next((pile for pile in piles if pile.pile.code == code), None)
