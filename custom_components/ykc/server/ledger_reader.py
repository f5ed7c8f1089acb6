"""Reading the ledger at length: lists and sums of sessions.

A reader has a connection of its own that can write nothing. The file's WAL lets
it read one moment's state while records are written, however long that takes.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from itertools import batched
from pathlib import Path
import sqlite3
from typing import Any, Final, Self

from ..protocol import UNKNOWN_CODE, StartedBy
from .ledger_codes import FormerCode, unmoved
from .ledger_hours import GunHours, HourSum, guns, hours
from .ledger_open import BUSY_TIMEOUT
from .ledger_rows import decimal, milliseconds, price, read_limit, when
from .origin import Origin
from .sessions import (
    PERIODS,
    CardMonth,
    DriverMonth,
    GunSum,
    Mismatch,
    Session,
    SessionFilter,
    SessionPeriod,
    SessionState,
)

_RECORDS: Final = """
SELECT 'settled' AS state, s.id AS id, code, s.gun AS gun, transaction_number, s.at AS at, started, ended, received,
 stop_reason, started_by, s.card AS card, s.driver AS driver, driver_name, vin, energy, energy_with_loss, amount,
 service, meter_start, meter_end, s.origin AS origin, late, repeats, mismatches, parallel, role,
 limit_reached
FROM records AS s JOIN piles ON piles.id = s.pile
 LEFT JOIN (SELECT pile AS order_pile, transaction_number AS order_number, parallel, role,
 limit_reached FROM orders)
 ON order_pile = s.pile AND order_number = s.transaction_number
"""
_ORDERS: Final = """
SELECT iif(phase = 'closed', 'unbilled', 'open'), s.id, code, s.gun, transaction_number, s.at, opened, closed, NULL,
 outcome, NULL, s.card, s.driver, s.driver_name, '', energy, 0, amount, NULL, NULL, NULL,
 s.origin, 0, 0, '', parallel, role, limit_reached
FROM orders AS s JOIN piles ON piles.id = s.pile
"""
SHOWN_ORDERS: Final = "outcome IS NOT 'settled' AND iif(phase = 'closed', is_session, began)"
"""Which orders are sessions that have no record."""
_OF_PILE: Final = "s.pile = (SELECT id FROM piles WHERE code = ?)"
_OF_GUN: Final = f"{_OF_PILE} AND s.gun = ?"
_PERIODS: Final = """
SELECT min(period), price, service_price, sum(energy), sum(energy_with_loss), sum(amount) FROM record_periods
WHERE record = ? GROUP BY min(period, ?) ORDER BY 1
"""
"""A record has room for more tariffs than there are periods: they count with the last one, at its price."""
_TERMS_IN_A_ROW: Final = 100
_TOTALS: Final = """
SELECT substr(coalesce(ended, received), 1, 7) AS month, count(*), sum(energy), sum(amount),
 coalesce(sum(service), 0), sum(iif(service IS NULL, amount, 0)), max(s.at), s.card, s.driver, s.driver_name
FROM records AS s
"""
"""SQLite gives the driver's name with the newest time, for there is a `max` beside it."""
_SUMS: Final = "SELECT code, gun, count(*), sum(energy), sum(amount) FROM"


class LedgerReader:
    """A view of the ledger's file that is open as long as it is used."""

    def __init__(self, db: sqlite3.Connection) -> None:
        """Read over a connection; `open` makes it."""
        self._db = db

    @classmethod
    @contextmanager
    def open(cls, path: Path) -> Iterator[Self]:
        """Give a reader of the file at `path`; raises sqlite3.Error."""
        db = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=BUSY_TIMEOUT)
        with closing(db):
            db.row_factory = sqlite3.Row
            # One moment's state, to the end.
            db.execute("BEGIN")
            yield cls(db)

    def sessions(self, wanted: SessionFilter, limit: int = -1) -> Iterator[Session]:
        """Give sessions, the newest first; a negative limit is none."""
        query, values = sessions_query(wanted)
        for row in self._db.execute(query, [*values, limit]):
            yield self._session(row)

    def _session(self, row: sqlite3.Row) -> Session:
        settled = row["state"] == SessionState.SETTLED
        return Session(
            transaction=row["transaction_number"],
            pile=row["code"],
            gun=row["gun"],
            parallel=row["parallel"] or None,
            role=row["role"] or None,
            state=SessionState(row["state"]),
            origin=Origin(row["origin"]),
            started=when(row["started"]),
            ended=when(row["ended"]),
            received=when(row["received"]),
            stop_reason=row["stop_reason"],
            limit=read_limit(row["limit_reached"] or ""),
            started_by=_started_by(row["started_by"]) if settled else None,
            card=row["card"],
            driver=row["driver_name"],
            driver_id=row["driver"],
            vin=row["vin"],
            energy=decimal(row["energy"]),
            energy_with_loss=decimal(row["energy_with_loss"]),
            amount=decimal(row["amount"]),
            service_amount=None if row["service"] is None else decimal(row["service"]),
            meter_start=decimal(row["meter_start"]) if settled else None,
            meter_end=decimal(row["meter_end"]) if settled else None,
            late=bool(row["late"]),
            repeats=row["repeats"],
            mismatches=tuple(map(Mismatch, row["mismatches"].split())),
            periods=tuple(self._periods(row["id"])) if settled else (),
        )

    def _periods(self, record: int) -> Iterator[SessionPeriod]:
        for period, its_price, service, energy, with_loss, amount in self._db.execute(
            _PERIODS, (record, len(PERIODS) - 1)
        ):
            yield SessionPeriod(
                name=PERIODS[period],
                price=price(its_price),
                service_price=None if service is None else price(service),
                energy=decimal(energy),
                energy_with_loss=decimal(with_loss),
                amount=decimal(amount),
            )

    def totals(self, wanted: SessionFilter) -> list[CardMonth]:
        """Return the sums of the bills by card and month, the newest month first."""
        return [CardMonth(card=card, **sums) for sums, card, _, _ in self._months(wanted, "s.card")]

    def driver_totals(self, wanted: SessionFilter) -> list[DriverMonth]:
        """Return the sums of the bills by driver and month, the newest month first."""
        months = self._months(wanted, "s.driver")
        return [DriverMonth(driver=name, driver_id=driver, **sums) for sums, _, driver, name in months]

    def _months(self, wanted: SessionFilter, column: str) -> Iterator[tuple[dict[str, Any], str, str, str]]:
        """Give what the bills of each month come to, by a column, with card, driver and driver's name."""
        where, values = session_terms(wanted, "stop_reason")
        for month, count, energy, amount, service, unsplit, _, card, driver, name in self._db.execute(
            f"{_TOTALS} WHERE {where} GROUP BY month, {column} ORDER BY month DESC, {column}", values
        ):
            sums = {
                "month": month,
                "sessions": count,
                "energy": decimal(energy),
                "amount": decimal(amount),
                "energy_amount": decimal(amount - service - unsplit),
                "service_amount": decimal(service),
                "unsplit_amount": decimal(unsplit),
            }
            yield sums, card, driver, name

    def sums(self, wanted: SessionFilter) -> list[GunSum]:
        """Return the sums of the sessions that are over, by gun."""
        query, values = sessions_query(wanted)
        return [
            GunSum(pile=code, gun=gun, sessions=count, energy=decimal(energy), amount=decimal(amount))
            for code, gun, count, energy, amount in self._db.execute(
                f"{_SUMS} ({query}) WHERE state <> 'open' GROUP BY code, gun ORDER BY code, gun", [*values, -1]
            )
        ]

    def guns(self, *, unexported: bool = False) -> list[GunHours]:
        """Return what the sessions of each gun came to, or only of those whose statistics lack some."""
        return [*guns(self._db, unexported=unexported)]

    def unmoved_codes(self) -> list[FormerCode]:
        """Return the codes from which the statistics were not moved yet."""
        return [*unmoved(self._db)]

    def hours(self, known: GunHours, since: int) -> list[HourSum]:
        """Return the hours of a gun from one on, with the sums that they come to."""
        return [*hours(self._db, known.pile, known.gun, since)]


def sessions_query(wanted: SessionFilter) -> tuple[str, list[Any]]:
    """Return the query for sessions with its values, but for the limit that it takes last."""
    billed, values = session_terms(wanted, "stop_reason")
    unbilled, same_values = session_terms(wanted, "outcome")
    return (
        f"{_RECORDS} WHERE {billed} UNION ALL {_ORDERS} WHERE {SHOWN_ORDERS} AND {unbilled}"
        " ORDER BY at DESC, id DESC LIMIT ?"
    ), [*values, *same_values]


def session_terms(wanted: SessionFilter, reason: str) -> tuple[str, list[Any]]:
    """Return the conditions on a table `s`, whose column `reason` says why a session ended."""
    terms: list[str] = []
    values: list[Any] = []
    if wanted.guns is not None:
        of_guns: list[str] = []
        for code, gun in wanted.guns:
            of_guns.append(_OF_PILE if gun is None else _OF_GUN)
            values += [code] if gun is None else [code, gun]
        terms.append(_any_of(of_guns))
    bounds: tuple[tuple[str, datetime | None], ...] = (("s.at >= ?", wanted.since), ("s.at < ?", wanted.until))
    for term, bound in bounds:
        if bound is not None:
            terms.append(term)
            values.append(milliseconds(bound))
    for column, text in (("s.card", wanted.card), (reason, wanted.stop_reason), ("parallel", wanted.parallel)):
        if text is not None:
            terms.append(f"{column} = ?")
            values.append(text)
    if wanted.driver is not None:
        marks = ", ".join("?" * len(wanted.driver_ids))
        terms.append(f"(s.driver_name = ? OR s.driver IN ({marks}))")
        values += [wanted.driver, *wanted.driver_ids]
    return " AND ".join(terms) or "1", values


def _any_of(terms: Sequence[str]) -> str:
    """Return that one of the terms holds, however many: SQLite nests what is in one row, a thousand deep at most."""
    batches = (f"({' OR '.join(batch)})" for batch in batched(terms, _TERMS_IN_A_ROW, strict=False))
    return f"({' OR '.join(batches) or '0'})"


def _started_by(code: int) -> str:
    try:
        return StartedBy(code).slug
    except ValueError:
        return UNKNOWN_CODE
