"""Tells over the websocket what the Home Assistant that it runs in keeps in mind."""

import asyncio
from collections import Counter
import gc
from typing import Any

from homeassistant.components import websocket_api
from homeassistant.components.websocket_api import ActiveConnection
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.typing import ConfigType
import voluptuous as vol

CONFIG_SCHEMA = cv.empty_config_schema("ykc_gauge")
_OURS = "custom_components.ykc."


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Register the command."""
    websocket_api.async_register_command(hass, _read)
    return True


@websocket_api.websocket_command({vol.Required("type"): "ykc_gauge/read"})
@callback
def _read(hass: HomeAssistant, connection: ActiveConnection, message: dict[str, Any]) -> None:
    """Tell how many objects there are that Python looks after, those of the integration by class, and tasks."""
    gc.collect()
    objects = gc.get_objects()
    ours = Counter(type(each).__name__ for each in objects if str(type(each).__module__).startswith(_OURS))
    connection.send_result(
        message["id"], {"objects": len(objects), "ours": dict(ours), "tasks": len(asyncio.all_tasks(hass.loop))}
    )
