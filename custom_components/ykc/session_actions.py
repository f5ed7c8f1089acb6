"""The actions that tell what is in the ledger: sessions, their sums, and a table of them.

Energy and money are given as numbers. They have at most four decimals and fewer
digits than a float holds, so each prints as exactly what the record says.
"""

from dataclasses import fields
from datetime import datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any, Final

from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse, callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv, device_registry as dr, entity_registry as er
from homeassistant.helpers.service import async_register_admin_service
from homeassistant.helpers.target import TargetSelection, async_extract_referenced_entity_ids
from homeassistant.util import dt as dt_util, raise_if_invalid_filename
import voluptuous as vol

from .const import DOMAIN
from .driver import ATTR_DRIVER, card_field, driver_ids
from .ledger import readable_ledger
from .protocol import STOP_REASON_SLUGS
from .server.ledger_reader import LedgerReader
from .server.order import Outcome
from .server.parallel_sessions import ParallelSession, parallel_sessions
from .server.sessions import Month, Session, SessionFilter, SessionPeriod
from .session_export import async_headings, pile_names, write_sessions
from .targets import is_driver

ACTION_GET_SESSIONS: Final = "get_sessions"
ACTION_EXPORT_SESSIONS: Final = "export_sessions"
ACTION_GET_TOTALS: Final = "get_totals"

ATTR_CARD: Final = "card"
ATTR_END_TIME: Final = "end_time"
ATTR_FILENAME: Final = "filename"
ATTR_LIMIT: Final = "limit"
ATTR_START_TIME: Final = "start_time"
ATTR_STOP_REASON: Final = "stop_reason"

EXPORT_FOLDER: Final = "ykc_export"
"""In the folder of the configuration."""
DEFAULT_LIMIT: Final = 100
MAX_LIMIT: Final = 10_000

type Values = dict[str, Any]


def moment(value: Any) -> datetime:
    """Return an aware time; one without a zone is Home Assistant's."""
    try:
        return dt_util.as_utc(cv.datetime(value))
    except OverflowError as error:
        # In UTC it is before the year 1, or after the year 9999.
        raise vol.Invalid("no time that can be") from error


TOTALS_SCHEMA: Final = vol.Schema(
    {
        **cv.TARGET_SERVICE_FIELDS,
        vol.Optional(ATTR_START_TIME): moment,
        vol.Optional(ATTR_END_TIME): moment,
        vol.Optional(ATTR_CARD): vol.Any("", card_field(ATTR_CARD)),
        vol.Optional(ATTR_DRIVER): cv.string,
    }
)
EXPORT_SCHEMA: Final = TOTALS_SCHEMA.extend(
    {
        vol.Optional(ATTR_STOP_REASON): vol.In({*STOP_REASON_SLUGS, *map(str, Outcome)}),
        vol.Optional(ATTR_FILENAME): cv.string,
    }
)
SESSIONS_SCHEMA: Final = TOTALS_SCHEMA.extend(
    {
        vol.Optional(ATTR_STOP_REASON): vol.In({*STOP_REASON_SLUGS, *map(str, Outcome)}),
        vol.Optional(ATTR_LIMIT, default=DEFAULT_LIMIT): vol.All(vol.Coerce(int), vol.Range(min=1, max=MAX_LIMIT)),
    }
)


@callback
def async_setup_session_actions(hass: HomeAssistant) -> None:
    """Register the actions."""
    for name, action, schema in (
        (ACTION_GET_SESSIONS, _async_get_sessions, SESSIONS_SCHEMA),
        (ACTION_GET_TOTALS, _async_get_totals, TOTALS_SCHEMA),
    ):
        hass.services.async_register(DOMAIN, name, action, schema=schema, supports_response=SupportsResponse.ONLY)
    # It writes a file.
    async_register_admin_service(
        hass,
        DOMAIN,
        ACTION_EXPORT_SESSIONS,
        partial(_async_export_sessions, hass),
        schema=EXPORT_SCHEMA,
        supports_response=SupportsResponse.OPTIONAL,
    )


async def _async_get_sessions(call: ServiceCall) -> ServiceResponse:
    """Return sessions, the newest first, and the parallel charges that some of them are parts of."""
    wanted, limit = _wanted(call), call.data[ATTR_LIMIT]

    def read(reader: LedgerReader) -> ServiceResponse:
        sessions = [*reader.sessions(wanted, limit)]
        return {"sessions": _plain(sessions), "parallel_charges": _plain(parallel_sessions(reader, sessions))}

    async with readable_ledger(call.hass) as ledger:
        return await ledger.read(read)


async def _async_get_totals(call: ServiceCall) -> ServiceResponse:
    """Return the sums of bills by month, and by card or by driver, the newest month first."""
    wanted = _wanted(call)

    def read(reader: LedgerReader) -> Values:
        return {
            "totals": [_plain(month) for month in reader.totals(wanted)],
            "drivers": [_plain(month) for month in reader.driver_totals(wanted)],
        }

    async with readable_ledger(call.hass) as ledger:
        return await ledger.read(read)


async def _async_export_sessions(hass: HomeAssistant, call: ServiceCall) -> ServiceResponse:
    """Write sessions to a table, and return where it is and how many there are."""
    wanted = _wanted(call)
    path = await hass.async_add_executor_job(_export_path, hass, call.data.get(ATTR_FILENAME))
    headings, names = await async_headings(hass), pile_names(hass)

    def write(reader: LedgerReader) -> int:
        return write_sessions(path, reader.sessions(wanted), headings, names)

    async with readable_ledger(hass) as ledger:
        count = await ledger.read(write)
    return {"path": str(path), "sessions": count}


def _export_path(hass: HomeAssistant, name: str | None) -> Path:
    """Return where a table goes: our own folder, or a path that Home Assistant may write to."""
    if name is None:
        name = f"sessions_{dt_util.now():%Y%m%d_%H%M%S}.csv"
    if not name.lower().endswith(".csv"):
        raise _refused("not_a_table", name)
    if Path(name).is_absolute():
        if not hass.config.is_allowed_path(name):
            raise _refused("path_not_allowed", name)
        return Path(name)
    try:
        raise_if_invalid_filename(name)
    except ValueError as error:
        raise _refused("not_a_file_name", name) from error
    return Path(hass.config.path(EXPORT_FOLDER, name))


def _refused(key: str, path: str) -> ServiceValidationError:
    return ServiceValidationError(
        translation_domain=DOMAIN, translation_key=key, translation_placeholders={"path": path}
    )


def _wanted(call: ServiceCall) -> SessionFilter:
    """Return what a call asks for; raises `ServiceValidationError` for a target without a pile."""
    name: str | None = call.data.get(ATTR_DRIVER)
    return SessionFilter(
        guns=_guns(call),
        since=call.data.get(ATTR_START_TIME),
        until=call.data.get(ATTR_END_TIME),
        card=call.data.get(ATTR_CARD),
        stop_reason=call.data.get(ATTR_STOP_REASON),
        driver=name and name.strip(),
        driver_ids=driver_ids(call.hass, name),
    )


def _guns(call: ServiceCall) -> list[tuple[str, int | None]] | None:
    """Return the piles and guns that are targeted, whether they are loaded or not; None for all there ever were."""
    hass = call.hass
    selection = TargetSelection(call.data)
    if not selection.has_any_target:
        return None
    selected = async_extract_referenced_entity_ids(hass, selection)
    entities = er.async_get(hass).entities
    devices = {
        *selected.referenced_devices,
        *(entity.device_id for entity in map(entities.get, selected.referenced) if entity and entity.device_id),
    }
    found = sorted(filter(None, (_gun(hass, device_id) for device_id in devices)), key=str)
    if not found:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="no_pile_targeted")
    return found


def _gun(hass: HomeAssistant, device_id: str) -> tuple[str, int | None] | None:
    """Return the pile that a device is, or the gun, by what identifies it."""
    device, entry = dr.async_get_device_and_config_entry_for_domain(hass, device_id, domain=DOMAIN)
    if device is None or entry is None or is_driver(device):
        return None
    code, _, gun = next(name for domain, name in device.identifiers if domain == DOMAIN).partition("_")
    return code, int(gun) if gun else None


def _plain(value: Any) -> Any:
    """Return a value of the ledger as JSON has it."""
    match value:
        case Decimal():
            return float(value)
        case datetime():
            return value.isoformat()
        case tuple() | list():
            return [_plain(part) for part in value]
        case Session():
            return _plain_fields(value) | {"energy_amount": _plain(value.energy_amount)}
        case Month() | ParallelSession() | SessionPeriod():
            return _plain_fields(value)
    return value


def _plain_fields(value: Month | ParallelSession | Session | SessionPeriod) -> Values:
    return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
