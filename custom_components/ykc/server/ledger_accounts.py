"""Prepaid balances in the ledger's file: each change is an entry of a journal, and reservations are kept with orders.

Every function is called within a transaction. What an order may cost is reserved
as it is opened, in the same transaction, so no money is spent twice. The record
takes what it costs and frees the rest in the transaction that stores it. An order
that was closed without a record keeps what was reported of it reserved, until its
record comes or a person settles it.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
import json
import sqlite3
from typing import Final

from .accounts import Account, AccountEntry, Allowance, ChangedAccount, EntryKind
from .booking import Booking
from .errors import BalanceTooLow, BillAwaited, SessionUnpaid
from .ledger_rows import decimal, milliseconds, whole
from .limits import MAX_BALANCE, MIN_PREPAID
from .order import Outcome

_CENT: Final = 100
"""1/10000 CNY; piles are told balances in cents."""

_RESERVED: Final = "SELECT coalesce(sum(max(reserved, amount)), 0) FROM orders WHERE driver = ? AND reserved > 0"
_UNPAID: Final = "SELECT 1 FROM orders WHERE driver = ? AND reserved > 0 AND phase IN "
_OPEN: Final = """
SELECT id, pile, gun, transaction_number, reserved, amount, coalesce(cost_limit, ?) FROM orders
WHERE driver = ? AND reserved > 0 AND phase
"""
_TO_GIVE: Final = f"{_OPEN} NOT IN ('ended', 'closed') ORDER BY id"
"""What has ended costs no more; its bill may be long in coming."""
_TO_TAKE: Final = f"{_OPEN} <> 'closed' ORDER BY id DESC"
_CLOSE: Final = """
UPDATE orders SET reserved = 0, phase = 'closed', outcome = coalesce(outcome, ?), closed = coalesce(closed, ?),
 at = iif(phase = 'closed', at, ?), is_session = iif(phase = 'closed', is_session, began)
WHERE id = ?
"""
_ENTRIES: Final = """
SELECT at, kind, amount, balance, code, session, note
FROM account_entries LEFT JOIN piles ON piles.id = pile
WHERE driver = ? ORDER BY account_entries.id DESC LIMIT ?
"""

_PILES: Final = "SELECT id FROM piles WHERE code IN (SELECT value FROM json_each(?))"


def account(db: sqlite3.Connection, driver: str) -> Account:
    """Return a driver's balance; that of one who never had any is 0."""
    found = db.execute("SELECT balance FROM accounts WHERE driver = ?", (driver,)).fetchone()
    (reserved,) = db.execute(_RESERVED, (driver,)).fetchone()
    return Account(driver=driver, balance=decimal(found[0] if found else 0), reserved=decimal(reserved))


def entries(db: sqlite3.Connection, driver: str, limit: int) -> list[AccountEntry]:
    """Return the newest entries of a driver's journal, the newest first."""
    return [
        AccountEntry(
            at=datetime.fromtimestamp(at / 1000, UTC),
            kind=EntryKind(kind),
            amount=decimal(amount),
            balance=decimal(balance),
            pile=code,
            transaction=session,
            note=note,
        )
        for at, kind, amount, balance, code, session, note in db.execute(_ENTRIES, (driver, limit))
    ]


def reserve(db: sqlite3.Connection, order: int, booking: Booking) -> int:
    """Reserve for an order what its charge may cost, in whole cents, and return it as 1/10000 CNY.

    Raises `SessionUnpaid` and `BalanceTooLow`.
    """
    known = account(db, booking.driver)
    unpaid = db.execute(f"{_UNPAID} ('closed')", (booking.driver,)).fetchone()
    if known.balance < 0 or unpaid is not None:
        raise SessionUnpaid(driver=booking.name, balance=f"{known.balance:.2f}")
    amount = _whole_cents(min(whole(known.available) // booking.share, _limit(booking)))
    if amount < MIN_PREPAID * 100 * _CENT:
        if db.execute(f"{_UNPAID} ('ended')", (booking.driver,)).fetchone() is not None:
            # There may be more as soon as its bill is here.
            raise SessionUnpaid(driver=booking.name, balance=f"{known.balance:.2f}")
        raise BalanceTooLow(driver=booking.name, available=f"{decimal(amount):.2f}", minimum=str(MIN_PREPAID))
    limit = None if booking.limit is None else whole(booking.limit)
    db.execute("UPDATE orders SET reserved = ?, cost_limit = ? WHERE id = ?", (amount, limit, order))
    return amount


def pay(db: sqlite3.Connection, booking: Booking, pile: int, session: str, cost: int, at: datetime) -> None:
    """Take what a session costs, 1/10000 CNY, less what was taken for it already.

    `session` is what its record is known by, or will be.
    """
    (taken,) = db.execute(
        "SELECT coalesce(sum(amount), 0) FROM account_entries WHERE driver = ? AND session = ?"
        # None where the pile's data was deleted since then.
        " AND (pile = ? OR pile IS NULL)",
        (booking.driver, session, pile),
    ).fetchone()
    if amount := -cost - taken:
        _enter(db, booking, EntryKind.CHARGE, amount, at, pile=pile, session=session)


def change(
    db: sqlite3.Connection, booking: Booking, kind: EntryKind, amount: int, note: str, at: datetime
) -> ChangedAccount:
    """Add to a balance, 1/10000 CNY, and let the orders under way cost more, or less where too little is left."""
    _enter(db, booking, kind, amount, at, note=note)
    allowances = tuple(_refit(db, booking.driver))
    return ChangedAccount(account=account(db, booking.driver), allowances=allowances)


def settle_unpaid(db: sqlite3.Connection, booking: Booking, piles: Iterable[int], at: datetime) -> Account:
    """Take what was reported of the sessions that have no bill; should one come yet, it counts.

    An order that is open at none of `piles` has a pile that was removed: nothing more is heard of it, so it is closed.
    """
    for order, pile, number, cost in db.execute(
        "SELECT id, pile, transaction_number, amount FROM orders WHERE driver = ? AND reserved > 0"
        " AND (phase = 'closed' OR pile NOT IN (SELECT value FROM json_each(?)))",
        (booking.driver, json.dumps([*piles])),
    ).fetchall():
        pay(db, booking, pile, number, cost, at)
        db.execute(_CLOSE, (str(Outcome.NO_RECORD), at.isoformat(), milliseconds(at), order))
    return account(db, booking.driver)


def holders(db: sqlite3.Connection) -> list[Booking]:
    """Return those who have an account, as they were called at its newest entry."""
    found = db.execute("SELECT driver, name FROM accounts ORDER BY name, driver")
    return [Booking(driver=driver, name=name) for driver, name in found]


def close(db: sqlite3.Connection, holder: Booking, approved: Iterable[str], at: datetime) -> Account:
    """Delete the account of a driver who charges no more, and return what was left after all was paid.

    `approved` are the codes of the piles from which more may be heard. Raises `BillAwaited` while a session is open at one.
    """
    piles = [pile for (pile,) in db.execute(_PILES, (json.dumps([*approved]),))]
    left = settle_unpaid(db, holder, piles, at)
    if left.reserved:
        raise BillAwaited(driver=holder.name)
    # A bill that comes yet is nobody's debt any more.
    db.execute("UPDATE orders SET prepaid = 0 WHERE driver = ?", (holder.driver,))
    db.execute("DELETE FROM account_entries WHERE driver = ?", (holder.driver,))
    db.execute("DELETE FROM accounts WHERE driver = ?", (holder.driver,))
    return left


def _enter(
    db: sqlite3.Connection,
    booking: Booking,
    kind: EntryKind,
    amount: int,
    at: datetime,
    *,
    pile: int | None = None,
    session: str = "",
    note: str = "",
) -> None:
    (balance,) = db.execute(
        "INSERT INTO accounts (driver, name, balance) VALUES (?, ?, ?)"
        " ON CONFLICT DO UPDATE SET name = excluded.name, balance = balance + excluded.balance RETURNING balance",
        (booking.driver, booking.name, amount),
    ).fetchone()
    db.execute(
        "INSERT INTO account_entries (driver, at, kind, amount, balance, pile, session, note)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (booking.driver, milliseconds(at), str(kind), amount, balance, pile, session, note),
    )


def _refit(db: sqlite3.Connection, driver: str) -> Iterator[Allowance]:
    """Give what is available to the orders under way, the oldest first, or take from the newest what is missing."""
    left = whole(account(db, driver).available)
    for order, pile, gun, number, reserved, cost, limit in db.execute(
        _TO_GIVE if left > 0 else _TO_TAKE, (whole(MAX_BALANCE), driver)
    ).fetchall():
        held = max(reserved, cost)
        # What was charged can't be taken back, and an order without a reservation would be nobody's.
        lowest = min(held, max(cost, _CENT))
        fitting = max(lowest, min(_whole_cents(held + left), max(held, limit)))
        left -= fitting - held
        if fitting != reserved:
            db.execute("UPDATE orders SET reserved = ? WHERE id = ?", (fitting, order))
            yield Allowance(pile_id=pile, gun=gun, transaction=number, reserved=decimal(_whole_cents(fitting)))


def _limit(booking: Booking) -> int:
    return whole(MAX_BALANCE if booking.limit is None else min(booking.limit, MAX_BALANCE))


def _whole_cents(units: int) -> int:
    return units // _CENT * _CENT
