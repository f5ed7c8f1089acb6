"""A websocket command that tells an administrator every frame, as it comes and goes."""

from typing import Any, Final

from homeassistant.components import websocket_api
from homeassistant.components.websocket_api import ActiveConnection
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import config_validation as cv
import voluptuous as vol

from .const import DOMAIN
from .messages import TAPS
from .protocol import Direction, frame_type
from .server.taps import TapFilter, TappedFrame
from .subentry import read_code

MAX_PER_SECOND: Final = 500
"""Frames that one subscription is told: whoever reaches the port can send as many as the line carries."""


def _pile(value: Any) -> str:
    if (code := read_code(cv.string(value))) is None:
        raise vol.Invalid("the code of a pile has 14 digits")
    return code


def _type(value: Any) -> int:
    try:
        return frame_type(cv.string(value))
    except ValueError:
        raise vol.Invalid("a frame's type is 0x and two hex digits, or the name of a message") from None


@callback
def async_setup_message_commands(hass: HomeAssistant) -> None:
    """Register the command."""
    websocket_api.async_register_command(hass, ws_subscribe_messages)


@websocket_api.require_admin
@websocket_api.websocket_command(
    {
        vol.Required("type"): f"{DOMAIN}/subscribe_messages",
        vol.Optional("piles"): [_pile],
        vol.Optional("types"): [_type],
        vol.Optional("direction"): vol.In([direction.value for direction in Direction]),
    }
)
@callback
def ws_subscribe_messages(hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]) -> None:
    """Tell the frames that are wanted, until the subscription ends."""
    wanted = TapFilter(
        piles=frozenset(msg["piles"]) if "piles" in msg else None,
        types=frozenset(msg["types"]) if "types" in msg else None,
        direction=Direction(msg["direction"]) if "direction" in msg else None,
    )
    feed = _Feed(hass, connection, msg["id"])
    connection.subscriptions[msg["id"]] = hass.data[TAPS].subscribe(feed.tell, wanted)
    connection.send_result(msg["id"])


class _Feed:
    """One subscription: so many frames a second, and how many were left out."""

    def __init__(self, hass: HomeAssistant, connection: ActiveConnection, subscription: int) -> None:
        """Have told nothing yet."""
        self._loop = hass.loop
        self._connection = connection
        self._id = subscription
        self._second = 0.0
        self._told = 0
        self._missed = 0

    @callback
    def tell(self, frame: TappedFrame) -> None:
        """Send a frame, unless there were too many."""
        now = self._loop.time()
        if now - self._second >= 1:
            self._second, self._told = now, 0
        if self._told >= MAX_PER_SECOND:
            self._missed += 1
            return
        self._told += 1
        event = websocket_api.event_message(self._id, {**frame.plain, "missed": self._missed})
        self._missed = 0
        self._connection.send_message(event)
