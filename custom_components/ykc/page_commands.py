"""What the page asks Home Assistant for: websocket commands, and a table to download."""

from collections.abc import Mapping
from http import HTTPStatus
import io
from typing import Any, Final

from aiohttp import web
from homeassistant.auth.models import User
from homeassistant.auth.permissions.const import POLICY_READ
from homeassistant.components import websocket_api
from homeassistant.components.http import KEY_HASS, KEY_HASS_USER, HomeAssistantView
from homeassistant.components.websocket_api import ActiveConnection
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import Unauthorized
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.typing import VolDictType
from homeassistant.util import dt as dt_util
import voluptuous as vol

from .const import DOMAIN, MAX_GUNS
from .ledger import readable_ledger
from .page_feed import PageFeed
from .page_settings import ws_set_gun
from .page_values import Values, driver_name, driver_values, loaded_listeners, session_values, sum_values
from .permissions import may_see
from .server.ledger_reader import LedgerReader
from .server.sessions import SessionFilter
from .session_actions import moment
from .session_export import ENCODING, async_headings, pile_names, write_table
from .subentry import read_code

MAX_SESSIONS: Final = 10_000
TABLE_URL: Final = f"/api/{DOMAIN}/sessions.csv"


def _code(value: Any) -> str:
    """Return a pile's code as it is stored."""
    if (code := read_code(cv.string(value))) is None:
        raise vol.Invalid("no code of a pile")
    return code


FILTER: Final[VolDictType] = {
    vol.Optional("pile"): _code,
    vol.Optional("gun"): vol.All(vol.Coerce(int), vol.Range(min=1, max=MAX_GUNS)),
    vol.Optional("since"): moment,
    vol.Optional("until"): moment,
    vol.Optional("driver"): cv.string,
}
FILTER_SCHEMA: Final = vol.Schema(FILTER)


@callback
def async_setup_page_commands(hass: HomeAssistant) -> None:
    """Answer the page."""
    for command in (ws_subscribe, ws_sessions, ws_sums, ws_drivers, ws_set_gun):
        websocket_api.async_register_command(hass, command)
    hass.http.register_view(SessionTableView)


@websocket_api.websocket_command({vol.Required("type"): f"{DOMAIN}/subscribe"})
@websocket_api.async_response
async def ws_subscribe(hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]) -> None:
    """Tell all that there is, and then what changes."""
    feed = PageFeed(hass, connection, msg["id"])
    connection.subscriptions[msg["id"]] = feed.end
    connection.send_result(msg["id"])
    await feed.async_begin()


@websocket_api.websocket_command(
    {
        vol.Required("type"): f"{DOMAIN}/sessions",
        **FILTER,
        vol.Optional("limit", default=100): vol.All(int, vol.Range(min=1, max=MAX_SESSIONS)),
    }
)
@websocket_api.async_response
async def ws_sessions(hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]) -> None:
    """Return sessions, the newest first, and the sums of all that fit."""
    wanted, limit = _wanted(hass, connection.user, msg), msg["limit"]
    admin = connection.user.is_admin

    def read(reader: LedgerReader) -> Values:
        return {
            "sessions": [session_values(session, with_driver=admin) for session in reader.sessions(wanted, limit)],
            "sums": [sum_values(total) for total in reader.sums(wanted)],
        }

    async with readable_ledger(hass) as ledger:
        connection.send_result(msg["id"], await ledger.read(read))


@websocket_api.websocket_command({vol.Required("type"): f"{DOMAIN}/sums"})
@websocket_api.async_response
async def ws_sums(hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]) -> None:
    """Return what each gun delivered today and this month, in sessions that are over."""
    today = dt_util.start_of_local_day()
    since = {"today": today, "month": today.replace(day=1)}
    wanted = {name: _wanted(hass, connection.user, {"since": dt_util.as_utc(start)}) for name, start in since.items()}

    def read(reader: LedgerReader) -> Values:
        return {name: [sum_values(total) for total in reader.sums(each)] for name, each in wanted.items()}

    async with readable_ledger(hass) as ledger:
        connection.send_result(msg["id"], await ledger.read(read))


@websocket_api.websocket_command({vol.Required("type"): f"{DOMAIN}/drivers"})
@websocket_api.require_admin
@callback
def ws_drivers(hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]) -> None:
    """Return the drivers of all listeners."""
    connection.send_result(msg["id"], {"drivers": driver_values(hass)})


class SessionTableView(HomeAssistantView):
    """The table of sessions, for administrators."""

    url = TABLE_URL
    name = f"api:{DOMAIN}:sessions"

    async def get(self, request: web.Request) -> web.Response:
        """Return the sessions that fit the filter of the query."""
        hass, user = request.app[KEY_HASS], request[KEY_HASS_USER]
        if not user.is_admin:
            raise Unauthorized
        asked = {key: value for key, value in request.query.items() if key in map(str, FILTER)}
        try:
            wanted = _wanted(hass, user, FILTER_SCHEMA(asked))
        except vol.Invalid as error:
            return self.json_message(str(error), HTTPStatus.BAD_REQUEST)
        headings, names = await async_headings(hass), pile_names(hass)

        def read(reader: LedgerReader) -> str:
            table = io.StringIO(newline="")
            write_table(table, reader.sessions(wanted), headings, names)
            return table.getvalue()

        async with readable_ledger(hass) as ledger:
            text = await ledger.read(read)
        file = f"sessions_{dt_util.now():%Y%m%d_%H%M%S}.csv"
        return web.Response(
            body=text.encode(ENCODING),
            content_type="text/csv",
            charset="utf-8",
            headers={"Content-Disposition": f'attachment; filename="{file}"'},
        )


def _wanted(hass: HomeAssistant, user: User, asked: Mapping[str, Any]) -> SessionFilter:
    """Return the filter that is asked for, without the guns that the user may not see; raises `Unauthorized`."""
    pile, gun = asked.get("pile"), asked.get("gun")
    guns = None if pile is None else [(pile, gun)]
    if not user.permissions.access_all_entities(POLICY_READ):
        guns = [
            (code, number)
            for code, number in _all_guns(hass)
            if pile in (None, code) and gun in (None, number) and may_see(hass, user, code, number)
        ]
    return SessionFilter(
        guns=guns,
        since=asked.get("since"),
        until=asked.get("until"),
        **_driver(hass, user, asked.get("driver")),
    )


def _all_guns(hass: HomeAssistant) -> list[tuple[str, int]]:
    return [
        (pile.pile.code, number)
        for entry in loaded_listeners(hass)
        for pile in entry.runtime_data.piles.values()
        for number in pile.data.guns
    ]


def _driver(hass: HomeAssistant, user: User, driver_id: str | None) -> dict[str, Any]:
    """Return the criterion for a driver who is asked for, under this name or an older one."""
    if driver_id is None:
        return {}
    if not user.is_admin:
        raise Unauthorized
    return {"driver": driver_name(hass, driver_id) or driver_id, "driver_ids": frozenset({driver_id})}
