"""Taking people out of the ledger's file: their sessions stay, with all that counts, and are nobody's.

A record that comes again is still known. Its number is no person's; one without a number is known by its bytes, and
from then on by those that are nobody's.
"""

from collections.abc import Iterator
from dataclasses import dataclass
import hashlib
import sqlite3
from typing import Final, cast

from ..protocol import MESSAGES, NO_TRANSACTION, DecodeError, Record
from ..protocol.anonymous import nobodys_body
from .ledger_reader import SHOWN_ORDERS, session_terms
from .sessions import SessionFilter

_RECORDS: Final = "SELECT id FROM records AS s WHERE (card <> '' OR vin <> '' OR driver <> '' OR driver_name <> '') AND"
_FORGET_RECORD: Final = "UPDATE records SET card = '', vin = '', driver = '', driver_name = '', body = ? WHERE id = ?"
_FORGET_ORDERS: Final = "UPDATE orders AS s SET card = '', driver = '', driver_name = '' WHERE"
_SOMEBODYS: Final = "(card <> '' OR driver <> '' OR driver_name <> '')"
_CAME_TO_NOTHING: Final = "phase = 'closed' AND outcome IS NOT 'settled' AND NOT is_session AND reserved = 0"
_UNBILLED: Final = f"SELECT count(*) FROM orders AS s WHERE {SHOWN_ORDERS} AND {_SOMEBODYS} AND"  # noqa: S608 - our own


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgottenPeople:
    """Out of how much people were taken."""

    sessions: int
    """Sessions with a bill."""
    starts: int
    """Starts that came to nothing."""
    unbilled: int
    """Sessions that are open or have no bill: nothing was taken out of them."""


def forget_people(db: sqlite3.Connection, wanted: SessionFilter) -> ForgottenPeople:
    """Take cards, VINs and drivers out of the sessions that are `wanted` and have a bill, and of vain starts.

    Must run in a transaction.
    """
    where, values = session_terms(wanted, "stop_reason")
    records = [row for (row,) in db.execute(f"{_RECORDS} {where}", values).fetchall()]
    for record in records:
        _forget(db, record)
    # What the journals of drivers say beside the sums: whose the session was.
    db.execute(
        "UPDATE account_entries SET pile = NULL, session = '' WHERE EXISTS (SELECT 1 FROM records AS r"
        " WHERE r.pile = account_entries.pile AND r.key = account_entries.session AND r.driver = '')"
    )
    where, values = session_terms(wanted, "outcome")
    starts = db.execute(f"{_FORGET_ORDERS} {_CAME_TO_NOTHING} AND {_SOMEBODYS} AND {where}", values).rowcount
    (unbilled,) = db.execute(f"{_UNBILLED} {where}", values).fetchone()
    return ForgottenPeople(sessions=len(records), starts=starts, unbilled=unbilled)


def _forget(db: sqlite3.Connection, record: int) -> None:
    """Make a record and its order nobody's."""
    pile, number, key, frame_type, body = db.execute(
        "SELECT pile, transaction_number, key, frame_type, body FROM records WHERE id = ?", (record,)
    ).fetchone()
    nobodys = _nobodys(frame_type, body)
    if number == NO_TRANSACTION:
        _rename(db, pile, key, _digest(nobodys))
    db.execute(_FORGET_RECORD, (nobodys, record))
    db.execute(f"{_FORGET_ORDERS} pile = ? AND transaction_number = ? AND outcome = 'settled'", (pile, number))


def _rename(db: sqlite3.Connection, pile: int, key: str, new: str) -> None:
    """Let a record without a number be known by bytes that are nobody's: a card could be guessed from the others."""
    if db.execute("UPDATE OR IGNORE records SET key = ? WHERE pile = ? AND key = ?", (new, pile, key)).rowcount:
        db.execute("UPDATE account_entries SET session = ? WHERE pile = ? AND session = ?", (new, pile, key))


# When a record comes


def record_key(db: sqlite3.Connection, pile: int, record: Record) -> str:
    """Return what a record is known by: its number, or without one its bytes."""
    if record.transaction != NO_TRANSACTION:
        return record.transaction
    nobodys = _digest(nobodys_body(record))
    known = db.execute("SELECT 1 FROM records WHERE pile = ? AND key = ?", (pile, nobodys)).fetchone()
    return nobodys if known else _digest(record.body())


def says_the_same(record: Record, first: bytes) -> bool:
    """Tell whether a record says what was stored of it first, whether or not people were taken out of that."""
    return first in _bodies(record)


def _bodies(record: Record) -> Iterator[bytes]:
    yield record.body()
    yield nobodys_body(record)


def _nobodys(frame_type: int, body: bytes) -> bytes:
    """Return a stored body without people; one that cannot be read any more says nothing."""
    try:
        record = cast("Record", MESSAGES[frame_type].from_body(body))
    except KeyError, DecodeError:
        return bytes(len(body))
    return nobodys_body(record)


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
