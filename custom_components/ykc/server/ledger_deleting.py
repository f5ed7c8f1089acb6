"""Deleting a pile that was removed from the ledger's file: its sessions and all else that is known of it.

The journals of prepaid drivers keep what its sessions cost, and under which number. So balances stay what they are, and
a pile that comes back with a bill that was paid is not paid twice.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
import sqlite3
from typing import Final

from .errors import PileNotInLedger, PileNotRemoved, PileUnpaid
from .ledger_reader import sessions_query
from .ledger_rows import decimal
from .sessions import SessionFilter

_OF_RECORDS: Final = ("record_periods", "session_hours")
_OF_PILE: Final = ("unexported", "records", "orders", "totals", "plugs", "offline_cards", "former_codes")
"""In this order: what others refer to comes after those."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletedPile:
    """What the ledger had of a pile."""

    pile: str
    codes: tuple[str, ...]
    """Its code, and those of its hardware before that no other pile has now."""
    sessions: int
    """With a bill or without."""
    energy: Decimal
    """kWh."""
    amount: Decimal
    """CNY, service included."""


def delete_pile(db: sqlite3.Connection, code: str, approved: Collection[str]) -> DeletedPile:
    """Delete all there is of a pile that is none of those `approved`; must run in a transaction.

    Raises `PileNotRemoved`, `PileNotInLedger`, and `PileUnpaid` while a prepaid driver owes for a session without a bill.
    """
    if code in approved:
        raise PileNotRemoved(pile=code)
    found = db.execute("SELECT id FROM piles WHERE code = ?", (code,)).fetchone()
    if found is None:
        known = sorted({code for (code,) in db.execute("SELECT code FROM piles")} - {*approved})
        raise PileNotInLedger(pile=code, known=", ".join(known) or "–")
    (pile,) = found
    unpaid = db.execute(
        "SELECT DISTINCT driver_name FROM orders WHERE pile = ? AND reserved > 0 ORDER BY driver_name", (pile,)
    ).fetchall()
    if unpaid:
        raise PileUnpaid(pile=code, drivers=", ".join(name for (name,) in unpaid))
    deleted = _known(db, pile, code)
    for table in _OF_RECORDS:
        db.execute(f"DELETE FROM {table} WHERE record IN (SELECT id FROM records WHERE pile = ?)", (pile,))  # noqa: S608 - names of our own
    db.execute("DELETE FROM progress WHERE order_id IN (SELECT id FROM orders WHERE pile = ?)", (pile,))
    for table in _OF_PILE:
        db.execute(f"DELETE FROM {table} WHERE pile = ?", (pile,))  # noqa: S608 - names of our own
    db.execute("UPDATE account_entries SET pile = NULL WHERE pile = ?", (pile,))
    db.execute("DELETE FROM piles WHERE id = ?", (pile,))
    return deleted


def _known(db: sqlite3.Connection, pile: int, code: str) -> DeletedPile:
    former = db.execute(
        "SELECT code FROM former_codes WHERE pile = ? AND code NOT IN (SELECT code FROM piles) ORDER BY code", (pile,)
    ).fetchall()
    query, values = sessions_query(SessionFilter(guns=[(code, None)]))
    sessions, energy, amount = db.execute(
        f"SELECT count(*), coalesce(sum(energy), 0), coalesce(sum(amount), 0) FROM ({query})",  # noqa: S608 - our own
        [*values, -1],
    ).fetchone()
    return DeletedPile(
        pile=code,
        codes=(code, *(old for (old,) in former)),
        sessions=sessions,
        energy=decimal(energy),
        amount=decimal(amount),
    )


@contextmanager
def foreign_keys_off(db: sqlite3.Connection) -> Iterator[None]:
    """Let SQLite not look through all hours for each record that is deleted; must not begin in a transaction."""
    db.execute("PRAGMA foreign_keys = OFF")
    try:
        yield
    finally:
        db.execute("PRAGMA foreign_keys = ON")


def check_foreign_keys(db: sqlite3.Connection) -> None:
    """Look through everything once; raises sqlite3.IntegrityError for a row that refers to one that is gone."""
    if (found := db.execute("PRAGMA foreign_key_check").fetchone()) is not None:
        raise sqlite3.IntegrityError(f"a row of {found[0]} refers to one of {found[2]} that is gone")
