"""The action that sends a frame made by hand."""

from functools import partial
from typing import Any, Final

from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse, callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.service import async_register_admin_service
import voluptuous as vol

from .const import DOMAIN
from .exceptions import translated_errors
from .protocol import as_dict, masked_body, type_text
from .server.hand_made import hand_made, reply_kind, send_by_hand
from .targets import targeted_piles

ACTION_SEND_FRAME: Final = "send_frame"

ATTR_BODY: Final = "body"
ATTR_FIELDS: Final = "fields"
ATTR_MESSAGE: Final = "message"
ATTR_REPLY: Final = "reply"
ATTR_TIMEOUT: Final = "timeout"

MAX_TIMEOUT: Final = 30
"""Seconds: no other command gets through meanwhile."""
_MAX_TYPE: Final = 0xFF


def _name(value: Any) -> str:
    """Return a frame's type or name as text; YAML reads 0x36 as the number 54."""
    is_type = type(value) is int and 0 <= value <= _MAX_TYPE
    return type_text(value) if is_type else cv.string(value)


SEND_FRAME_SCHEMA: Final = vol.Schema(
    {
        **cv.TARGET_SERVICE_FIELDS,
        vol.Required(ATTR_MESSAGE): _name,
        vol.Exclusive(ATTR_BODY, "content"): cv.string,
        vol.Exclusive(ATTR_FIELDS, "content"): {cv.string: object},
        vol.Optional(ATTR_REPLY): _name,
        vol.Optional(ATTR_TIMEOUT, default=10): vol.All(vol.Coerce(float), vol.Range(min=0, max=MAX_TIMEOUT)),
    }
)


@callback
def async_setup_frame_actions(hass: HomeAssistant) -> None:
    """Register the action."""
    async_register_admin_service(
        hass,
        DOMAIN,
        ACTION_SEND_FRAME,
        partial(_async_send_frame, hass),
        schema=SEND_FRAME_SCHEMA,
        supports_response=SupportsResponse.OPTIONAL,
    )


async def _async_send_frame(hass: HomeAssistant, call: ServiceCall) -> ServiceResponse:
    """Send a frame to a pile, and return it with its reply."""
    piles = targeted_piles(call)
    if len(piles) != 1:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="one_pile_targeted")
    pile = piles[0].pile
    data = call.data
    with translated_errors():
        content = data[ATTR_BODY] if ATTR_BODY in data else data.get(ATTR_FIELDS, {})
        message = hand_made(pile.code, data[ATTR_MESSAGE], content)
        # Without the time to wait for one there is no reply.
        awaited = reply_kind(message, data.get(ATTR_REPLY)) if data[ATTR_TIMEOUT] else None
        reply = await send_by_hand(pile, message, awaited, data[ATTR_TIMEOUT])
    return {
        "pile": pile.code,
        "sent": as_dict(message) | {"body": masked_body(message)},
        "reply": None if reply is None else dict(reply.plain),
    }
