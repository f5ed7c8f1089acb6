"""What a measurement asks over the websocket."""

import asyncio
import cProfile
import gc
import json
from pathlib import Path
import time
from types import MappingProxyType
from typing import Any, Final

from homeassistant.components import websocket_api
from homeassistant.components.websocket_api import ActiveConnection
from homeassistant.config_entries import SOURCE_IMPORT, ConfigEntry
from homeassistant.const import EVENT_HOMEASSISTANT_STARTED
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.util.hass_dict import HassKey
import voluptuous as vol

from .floor import DOMAIN
from .measures import Written, count_writes, loop_lag, record_writes, since_start
from .play import play

STARTED: HassKey[dict[str, float]] = HassKey(f"{DOMAIN}_started")
PLAYED: HassKey[list[Written]] = HassKey(f"{DOMAIN}_played")
_SECONDS: Final[dict[Any, Any]] = {vol.Required("seconds"): vol.Coerce(float)}
_OF: Final[dict[Any, Any]] = {vol.Required("prefix"): str}

type Message = dict[str, Any]


@callback
def async_setup_commands(hass: HomeAssistant) -> None:
    """Register them, and note when Home Assistant has started."""
    for command in (_add, _charging, _started, _lag, _count, _record, _load, _play, _objects, _profile):
        websocket_api.async_register_command(hass, command)

    @callback
    def started(_event: Event) -> None:
        hass.data[STARTED] = since_start()

    hass.bus.async_listen_once(EVENT_HOMEASSISTANT_STARTED, started)


@websocket_api.websocket_command(
    {
        vol.Required("type"): "ykc_bench/add",
        vol.Required("domain"): str,
        vol.Required("title"): str,
        vol.Required("data"): dict,
        vol.Required("subentries"): [dict],
    }
)
@websocket_api.async_response
async def _add(hass: HomeAssistant, connection: ActiveConnection, message: Message) -> None:
    """Add a config entry with all its subentries at once."""
    entry = ConfigEntry(
        data=message["data"],
        discovery_keys=MappingProxyType({}),
        domain=message["domain"],
        minor_version=1,
        options={},
        source=SOURCE_IMPORT,
        subentries_data=message["subentries"],
        title=message["title"],
        unique_id=None,
        version=1,
    )
    await hass.config_entries.async_add(entry)
    connection.send_result(message["id"], entry.entry_id)


@websocket_api.websocket_command({vol.Required("type"): "ykc_bench/charging"})
@callback
def _charging(hass: HomeAssistant, connection: ActiveConnection, message: Message) -> None:
    """Tell how many guns charge with an order."""
    hubs = [entry.runtime_data for entry in hass.config_entries.async_loaded_entries("ykc")]
    piles = [pile for hub in hubs for pile in hub.piles.values()]
    connection.send_result(message["id"], sum(gun.began for pile in piles for gun in pile.data.guns.values()))


@websocket_api.websocket_command({vol.Required("type"): "ykc_bench/started"})
@callback
def _started(hass: HomeAssistant, connection: ActiveConnection, message: Message) -> None:
    """Tell what the start took."""
    connection.send_result(message["id"], hass.data[STARTED])


@websocket_api.websocket_command({vol.Required("type"): "ykc_bench/lag", **_SECONDS})
@websocket_api.async_response
async def _lag(hass: HomeAssistant, connection: ActiveConnection, message: Message) -> None:
    """Tell by how much the loop was late."""
    connection.send_result(message["id"], (await loop_lag(message["seconds"]))._asdict())


@websocket_api.websocket_command({vol.Required("type"): "ykc_bench/count", **_SECONDS, **_OF})
@websocket_api.async_response
async def _count(hass: HomeAssistant, connection: ActiveConnection, message: Message) -> None:
    """Count what is written."""
    connection.send_result(message["id"], await count_writes(hass, message["seconds"], message["prefix"]))


@websocket_api.websocket_command(
    {vol.Required("type"): "ykc_bench/record", **_SECONDS, **_OF, vol.Required("file"): str}
)
@websocket_api.async_response
async def _record(hass: HomeAssistant, connection: ActiveConnection, message: Message) -> None:
    """Record what is written, in a file."""
    written = await record_writes(hass, message["seconds"], message["prefix"])
    file = Path(message["file"])
    await hass.async_add_executor_job(lambda: file.write_text(json.dumps(written, default=str), encoding="utf-8"))
    connection.send_result(message["id"], len(written))


@websocket_api.websocket_command({vol.Required("type"): "ykc_bench/load", vol.Required("file"): str})
@websocket_api.async_response
async def _load(hass: HomeAssistant, connection: ActiveConnection, message: Message) -> None:
    """Take what was recorded."""
    file = Path(message["file"])
    text = await hass.async_add_executor_job(file.read_text)
    hass.data[PLAYED] = [Written(*written) for written in json.loads(text)]
    connection.send_result(message["id"])


@websocket_api.websocket_command({vol.Required("type"): "ykc_bench/play", **_SECONDS, vol.Required("shift"): int})
@websocket_api.async_response
async def _play(hass: HomeAssistant, connection: ActiveConnection, message: Message) -> None:
    """Write it again."""
    unknown = await play(hass, hass.data[PLAYED], message["shift"], message["seconds"])
    connection.send_result(message["id"], unknown)


@websocket_api.websocket_command({vol.Required("type"): "ykc_bench/objects", vol.Required("collect"): bool})
@callback
def _objects(hass: HomeAssistant, connection: ActiveConnection, message: Message) -> None:
    """Tell how many objects there are that Python looks after, with what is garbage or without."""
    if message["collect"]:
        gc.collect()
    connection.send_result(message["id"], len(gc.get_objects()))


@websocket_api.websocket_command({vol.Required("type"): "ykc_bench/profile", **_SECONDS, vol.Required("file"): str})
@websocket_api.async_response
async def _profile(hass: HomeAssistant, connection: ActiveConnection, message: Message) -> None:
    """Profile the loop's thread."""
    profile = cProfile.Profile(time.process_time)
    profile.enable()
    await asyncio.sleep(message["seconds"])
    profile.disable()
    await hass.async_add_executor_job(profile.dump_stats, message["file"])
    connection.send_result(message["id"])
