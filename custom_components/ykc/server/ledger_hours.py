"""The hours of all sessions in the ledger's file, and which of them the statistics lack.

While a session runs its progress is noted, once in five minutes. Its record
turns that into hours, in the record's own transaction, and marks its gun: from
that hour on the statistics are to be written anew. The mark goes when they were.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
import sqlite3
from typing import Final

from .hours import SLOT, Billed, HourShare, Progress, spread
from .ledger_rows import decimal, when

ALL: Final = 0
"""The hour from which on there is everything."""

_GUNS: Final = """
SELECT h.pile, code, h.gun, min(hour), max(hour), since, coalesce(changes, 0)
FROM session_hours AS h JOIN piles ON piles.id = h.pile LEFT JOIN unexported AS u ON u.pile = h.pile AND u.gun = h.gun
GROUP BY h.pile, h.gun
"""
_UNEXPORTED: Final = """
SELECT u.pile, code, u.gun, (SELECT min(hour) FROM session_hours AS h WHERE h.pile = u.pile AND h.gun = u.gun),
 (SELECT max(hour) FROM session_hours AS h WHERE h.pile = u.pile AND h.gun = u.gun), since, changes
FROM unexported AS u JOIN piles ON piles.id = u.pile
"""


@dataclass(frozen=True, slots=True)
class HourSum:
    """An hour of a gun, and all that was delivered up to its end."""

    hour: int
    """Unix time / 3600."""
    energy: Decimal
    """kWh in this hour."""
    amount: Decimal
    """CNY in this hour."""
    energy_sum: Decimal
    """kWh of this and all hours before."""
    amount_sum: Decimal
    """CNY of this and all hours before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GunHours:
    """What the sessions of a gun came to."""

    pile: str
    """Code of the hardware that is there now."""
    gun: int
    first: int
    """The first hour in which there was anything, Unix time / 3600."""
    newest: HourSum
    """The newest one."""
    since: int | None
    """The first hour that the statistics lack, Unix time / 3600; None where they have all."""
    changes: int
    """Another number when there was a change meanwhile."""


# While a charge is under way, and when its record comes


def note_progress(db: sqlite3.Connection, pile_id: int, transaction: str, seen: datetime) -> None:
    """Note what an order that charges has come to, unless that was done in these five minutes."""
    db.execute(
        "INSERT OR IGNORE INTO progress SELECT id, ?, energy, amount FROM orders"
        " WHERE pile = ? AND transaction_number = ? AND outcome IS NOT 'settled'",
        (int(seen.timestamp()) // SLOT, pile_id, transaction),
    )


def write_hours(db: sqlite3.Connection, record: int) -> None:
    """Lay a new record on its hours, and mark its gun."""
    pile, gun, started, at, received, energy, amount, order = db.execute(
        "SELECT r.pile, r.gun, r.started, r.at, r.received, r.energy, r.amount, o.id"
        " FROM records AS r LEFT JOIN orders AS o ON o.pile = r.pile AND o.transaction_number = r.transaction_number"
        " WHERE r.id = ?",
        (record,),
    ).fetchone()
    bill = Billed(
        started=_seconds(started),
        ended=at // 1000,
        received=int(datetime.fromisoformat(received).timestamp()),
        energy=energy,
        amount=amount,
    )
    hours = [*spread(bill, _progress(db, order))]
    db.execute("DELETE FROM progress WHERE order_id = ?", (order,))
    if hours:
        db.executemany(
            "INSERT INTO session_hours VALUES (?, ?, ?, ?, ?, ?)",
            ((pile, gun, share.hour, record, share.energy, share.amount) for share in hours),
        )
        _mark(db, pile, gun, hours[0])


def _progress(db: sqlite3.Connection, order: int | None) -> list[Progress]:
    return [
        Progress(slot * SLOT, energy, amount)
        for slot, energy, amount in db.execute(
            "SELECT slot, energy, amount FROM progress WHERE order_id = ? ORDER BY slot", (order,)
        )
    ]


def _mark(db: sqlite3.Connection, pile: int, gun: int, first: HourShare) -> None:
    db.execute(
        "INSERT INTO unexported (pile, gun, since) VALUES (?, ?, ?)"
        " ON CONFLICT DO UPDATE SET since = min(since, excluded.since), changes = changes + 1",
        (pile, gun, first.hour),
    )


def _seconds(text: str | None) -> int | None:
    moment = when(text)
    return None if moment is None else int(moment.timestamp())


# For the statistics


def guns(db: sqlite3.Connection, *, unexported: bool = False) -> Iterator[GunHours]:
    """Yield every gun that has sessions, or only those of which the statistics lack some."""
    for pile, code, gun, first, last, since, changes in db.execute(_UNEXPORTED if unexported else _GUNS).fetchall():
        (newest,) = _hours(db, pile, gun, last)
        yield GunHours(pile=code, gun=gun, first=first, newest=newest, since=since, changes=changes)


def hours(db: sqlite3.Connection, code: str, gun: int, since: int) -> Iterator[HourSum]:
    """Yield the hours of a gun from one on, with the sums that they come to."""
    (pile,) = db.execute("SELECT id FROM piles WHERE code = ?", (code,)).fetchone()
    yield from _hours(db, pile, gun, since)


def _hours(db: sqlite3.Connection, pile: int, gun: int, since: int) -> Iterator[HourSum]:
    energy_sum, amount_sum = db.execute(
        "SELECT coalesce(sum(energy), 0), coalesce(sum(amount), 0) FROM session_hours"
        " WHERE pile = ? AND gun = ? AND hour < ?",
        (pile, gun, since),
    ).fetchone()
    for hour, energy, amount in db.execute(
        "SELECT hour, sum(energy), sum(amount) FROM session_hours"
        " WHERE pile = ? AND gun = ? AND hour >= ? GROUP BY hour ORDER BY hour",
        (pile, gun, since),
    ):
        energy_sum += energy
        amount_sum += amount
        yield HourSum(hour, decimal(energy), decimal(amount), decimal(energy_sum), decimal(amount_sum))


def mark_exported(db: sqlite3.Connection, known: GunHours) -> None:
    """Take the mark off a gun whose statistics were written, unless there was a change meanwhile."""
    db.execute(
        "DELETE FROM unexported WHERE pile = (SELECT id FROM piles WHERE code = ?) AND gun = ? AND changes = ?",
        (known.pile, known.gun, known.changes),
    )
