"""Sessions as a table that spreadsheets open: CSV in UTF-8 with a byte order mark."""

from collections.abc import Iterable, Iterator, Mapping
import csv
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
import re
from typing import Final, TextIO

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.translation import async_get_translations
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .server.sessions import PERIODS, Session
from .subentry import piles

ENCODING: Final = "utf-8-sig"
"""With a byte order mark: Excel reads Chinese right."""

_LEADING: Final = ("ended", "started", "name", "pile", "gun", "state", "stop_reason", "limit", "origin", "started_by")
_BOOKED: Final = ("card", "driver")
_FIGURES: Final = ("energy", "amount", "energy_amount", "service_amount", "energy_with_loss", "meter_start")
_TRAILING: Final = ("meter_end", "vin", "transaction", "parallel", "role", "received", "late", "repeats", "mismatches")
_OF_PERIOD: Final = ("price", "energy", "amount")
COLUMNS: Final = (
    *_LEADING,
    *_BOOKED,
    *_FIGURES,
    *_TRAILING,
    *(f"{period}_{figure}" for period in PERIODS for figure in _OF_PERIOD),
)
"""Slugs of the columns, in their order."""

_FORMULA: Final = re.compile(r"^(?=[\t\r\n])|(?:^|(?<=[;|\t\r\n]))(?=[\s\0-\x1f\ufeff]*[=+\-@＝＋－＠])")
"""Where a spreadsheet would begin a formula: also behind what some take for the end of a cell, and in the wide forms
that Chinese ones take for the narrow ones."""


def write_sessions(
    path: Path, sessions: Iterable[Session], headings: Mapping[str, str], names: Mapping[str, str]
) -> int:
    """Write sessions to a file, which is replaced as a whole; return how many.

    `headings` are the columns' names by slug, `names` the piles' by code. Raises OSError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.part")
    try:
        with unfinished.open("w", encoding=ENCODING, newline="") as file:
            count = write_table(file, sessions, headings, names)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return count


def write_table(
    file: TextIO, sessions: Iterable[Session], headings: Mapping[str, str], names: Mapping[str, str]
) -> int:
    """Write sessions into an open text file as `write_sessions` does; return how many."""
    count = 0
    table = csv.writer(file)
    table.writerow([_safe(headings.get(column, column)) for column in COLUMNS])
    for session in sessions:
        table.writerow(_row(session, names.get(session.pile, "")))
        count += 1
    return count


async def async_headings(hass: HomeAssistant) -> dict[str, str]:
    """Return the columns' names in Home Assistant's language."""
    texts = await async_get_translations(hass, hass.config.language, "selector", {DOMAIN})
    prefix = f"component.{DOMAIN}.selector.session_column.options."
    return {column: texts.get(f"{prefix}{column}", column) for column in COLUMNS}


@callback
def pile_names(hass: HomeAssistant) -> dict[str, str]:
    """Return what the piles are called, by code."""
    return {
        pile.unique_id: pile.title
        for entry in hass.config_entries.async_entries(DOMAIN)
        for pile in piles(entry)
        if pile.unique_id
    }


def _row(session: Session, name: str) -> list[str]:
    cells = {
        "ended": _time(session.ended),
        "started": _time(session.started),
        "name": _safe(name),
        "pile": _digits(session.pile),
        "gun": str(session.gun),
        "state": session.state,
        "stop_reason": session.stop_reason or "",
        "limit": session.limit or "",
        "origin": session.origin,
        "started_by": session.started_by or "",
        "card": _digits(session.card),
        "driver": _safe(session.driver),
        "energy": _figure(session.energy),
        "amount": _figure(session.amount),
        "energy_amount": _figure(session.energy_amount),
        "service_amount": _figure(session.service_amount),
        "energy_with_loss": _figure(session.energy_with_loss),
        "meter_start": _figure(session.meter_start),
        "meter_end": _figure(session.meter_end),
        "vin": _safe(session.vin),
        "transaction": _digits(session.transaction),
        "parallel": _digits(session.parallel or ""),
        "role": session.role or "",
        "received": _time(session.received),
        "late": str(int(session.late)),
        "repeats": str(session.repeats),
        "mismatches": " ".join(session.mismatches),
        **dict(_period_cells(session)),
    }
    return [cells.get(column, "") for column in COLUMNS]


def _period_cells(session: Session) -> Iterator[tuple[str, str]]:
    for period in session.periods:
        yield f"{period.name}_price", _figure(period.price)
        yield f"{period.name}_energy", _figure(period.energy)
        yield f"{period.name}_amount", _figure(period.amount)


def _figure(value: Decimal | None) -> str:
    return "" if value is None else f"{value:f}"


def _time(when: datetime | None) -> str:
    """Return a time as spreadsheets read it: the pile's local time, or Home Assistant's."""
    if when is None:
        return ""
    local = dt_util.as_local(when) if when.tzinfo is UTC else when
    return local.replace(tzinfo=None).isoformat(" ", "seconds")


def _digits(number: str) -> str:
    """Return a number that is a name: the tab keeps a spreadsheet from rounding it. What is none is text."""
    return f"\t{number}" if number.isalnum() else _safe(number)


def _safe(text: str) -> str:
    """Return text that came from outside so that no spreadsheet takes it for a formula."""
    return _FORMULA.sub("'", text)
