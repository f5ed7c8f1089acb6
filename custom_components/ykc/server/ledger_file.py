"""The ledger's file, as the conversation with the piles writes and asks it.

Called from one thread, the ledger's own. How values are written is in
`ledger_rows.py`, the tables are in `ledger_schema.py`; lists are read elsewhere,
in `ledger_reader.py`, so that nobody who looks at them keeps a record waiting.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
import sqlite3
from typing import Final

from ..protocol import Record, StartedBy
from .access import reversed_cards
from .history import ClosedOrder, GunHistory, PileHistory, Stored
from .hours import MAX_AGE
from .ledger_accounts import pay, reserve
from .ledger_cards import load_cards
from .ledger_deleting import check_foreign_keys, foreign_keys_off
from .ledger_hours import GunHours, mark_exported, note_progress, write_hours
from .ledger_open import Transaction, open_database
from .ledger_parallel import has_parallel, open_parts, write_part
from .ledger_people import record_key, says_the_same
from .ledger_plugs import load_plugs
from .ledger_progress import Progress
from .ledger_rows import (
    OPEN_ORDERS,
    OrderRow,
    booking_row,
    decimal,
    limits_row,
    milliseconds,
    order_row,
    price_units,
    read_booking,
    read_limit,
    read_order,
    text,
    when,
    whole,
)
from .ledger_storage import LedgerStorage
from .limits import LATE_RECORD
from .month import recent_months
from .order import Order, Outcome
from .origin import Origin
from .parallel_gun import ParallelGun
from .sessions import Bill, Mismatch, limit_of
from .state import LastSession

_WRONG_CLOCK: Final = timedelta(seconds=MAX_AGE)
"""What lies so long in the future cannot be; less may be, should our clock be behind until it is set."""

_LAST_ORDER: Final = """
SELECT o.transaction_number, coalesce(r.energy, o.energy), coalesce(r.amount, o.amount),
 coalesce(r.stop_reason, o.outcome), r.started, iif(r.id IS NULL, o.closed, r.ended), o.closed,
 o.limit_reached
FROM orders AS o LEFT JOIN records AS r ON r.pile = o.pile AND r.key = o.transaction_number
WHERE o.pile = ? AND o.gun = ? AND o.phase = 'closed' AND (o.outcome = 'settled' OR o.is_session)
ORDER BY o.closed > ?, o.closed DESC, o.id DESC LIMIT 1
"""
_LAST_WITHOUT_ORDER: Final = """
SELECT transaction_number, energy, amount, stop_reason, started, ended, coalesce(ended, received), ''
FROM records AS r
WHERE pile = ? AND gun = ? AND NOT EXISTS (
 SELECT 1 FROM orders AS o WHERE o.pile = r.pile AND o.transaction_number = r.transaction_number)
ORDER BY coalesce(ended, received) > ?, at DESC, id DESC LIMIT 1
"""


class LedgerFile:
    """The open file."""

    def __init__(self, path: Path) -> None:
        """Open or make the file at `path`; see `open_database`."""
        self._db, self.set_aside = open_database(path)
        self._storage = LedgerStorage(self._db)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def _transaction(self, *, durable: bool = True) -> Transaction:
        return Transaction(self._db, durable=durable)

    def begin_backup(self, *, checkpoint: bool) -> None:
        """Leave the file as it is from now on, with the WAL brought into it before or not."""
        self._storage.begin_backup(checkpoint=checkpoint)

    def end_backup(self) -> None:
        """Let the WAL go into the file again."""
        self._storage.end_backup()

    def erase(self) -> None:
        """Leave no byte of what was deleted."""
        self._storage.erase()

    def load(self, code: str, now: datetime) -> PileHistory:
        """Return what is known of a pile, which is made when it is new.

        What lies long after `now` was written while our clock was wrong.
        """
        with self._transaction():
            self._db.execute("INSERT OR IGNORE INTO piles (code) VALUES (?)", (code,))
        (pile_id,) = self._db.execute("SELECT id FROM piles WHERE code = ?", (code,)).fetchone()
        history = PileHistory(pile_id=pile_id, plugs=load_plugs(self._db, pile_id))
        history.cards = load_cards(self._db, pile_id)
        history.orders = [read_order(row) for row in self._db.execute(OPEN_ORDERS, (pile_id,))]
        parts = open_parts(self._db, pile_id)
        for order in history.orders:
            order.parallel = parts.get(order.transaction)
        for gun, counted in self._db.execute(
            "SELECT gun, sum(energy) FROM ("
            " SELECT gun, energy FROM records WHERE pile = :pile"
            " UNION ALL SELECT gun, energy FROM orders WHERE pile = :pile"
            "  AND phase = 'closed' AND outcome <> 'settled')"
            " GROUP BY gun",
            {"pile": pile_id},
        ):
            history.guns[gun] = GunHistory(counted=decimal(counted))
        for gun, shown in self._db.execute("SELECT gun, energy FROM totals WHERE pile = ?", (pile_id,)):
            history.guns.setdefault(gun, GunHistory()).shown = decimal(shown)
        for gun, months in recent_months(self._db, pile_id, now):
            history.guns[gun].months = months
        for gun, known in history.guns.items():
            known.last_session, known.last_over = self._last_session(pile_id, gun, now + _WRONG_CLOCK)
        return history

    def _last_session(
        self, pile_id: int, gun: int, until: datetime
    ) -> tuple[LastSession, datetime] | tuple[None, None]:
        """Return the session that was over last, and when: of an order, billed or not, or of a record without one.

        One that was over after `until` is the last of them only where there is no other.
        """
        found = self._db.execute(_LAST_ORDER, (pile_id, gun, text(until))).fetchall()
        found += self._db.execute(_LAST_WITHOUT_ORDER, (pile_id, gun, text(until))).fetchall()
        sessions = [
            (
                LastSession(
                    transaction=number,
                    energy=decimal(energy),
                    cost=decimal(amount),
                    stop_reason=reason,
                    started=when(started),
                    ended=when(ended),
                    limit=read_limit(limit),
                ),
                datetime.fromisoformat(over),
            )
            for number, energy, amount, reason, started, ended, over, limit in found
        ]
        return max(sessions, key=lambda known: (known[1] <= until, known[1]), default=(None, None))

    def transact[T](self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do `work` in a durable transaction."""
        with self._transaction():
            return work(self._db)

    def rehearse[T](self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Return what `work` comes to, and take all of it back."""
        with foreign_keys_off(self._db):
            self._db.execute("BEGIN IMMEDIATE")
            try:
                return work(self._db)
            finally:
                self._db.execute("ROLLBACK")

    def delete[T](self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do `work` in a durable transaction that leaves nothing behind which refers to what is gone."""
        with foreign_keys_off(self._db), self._transaction():
            result = work(self._db)
            check_foreign_keys(self._db)
            return result

    def draw_counter(self, pile_id: int) -> int:
        """Return the next number (0..9999) for a pile's transaction numbers."""
        with self._transaction():
            (counter,) = self._db.execute(
                "UPDATE piles SET counter = (counter + 1) % 10000 WHERE id = ? RETURNING counter",
                (pile_id,),
            ).fetchone()
        return int(counter)

    def open_order(self, pile_id: int, order: Order) -> bool:
        """Write a new order durably; False if its number is an older one's.

        A prepaid one gets its reservation. Raises what `ledger_accounts.reserve` raises.
        """
        with self._transaction():
            new = self._db.execute(
                "INSERT OR IGNORE INTO orders (phase, outcome, reason, began, waited,"
                " asked_to_stop, energy, amount, is_session, limit_reached, charging_since,"
                " pile, gun, transaction_number, opened, at, origin, card, driver, driver_name, prepaid,"
                " limit_energy, limit_amount, limit_minutes, limit_soc)"
                " SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?"
                " WHERE NOT EXISTS (SELECT 1 FROM records WHERE pile = ? AND key = ?)",
                (
                    *order_row(order),
                    pile_id,
                    order.gun,
                    order.transaction,
                    text(order.opened),
                    milliseconds(order.opened),
                    str(order.origin),
                    order.card,
                    *booking_row(order.booking),
                    *limits_row(order.limits),
                    pile_id,
                    order.transaction,
                ),
            )
            if not new.rowcount or new.lastrowid is None:
                return False
            if order.parallel is not None:
                write_part(self._db, pile_id, order.transaction, order.parallel)
            if order.booking is not None and order.booking.prepaid:
                order.reserved = decimal(reserve(self._db, new.lastrowid, order.booking))
            return True

    def note_part(self, pile_id: int, transaction: str, part: ParallelGun) -> None:
        """Write what an order's gun is to its parallel charge."""
        with self._transaction(durable=False):
            write_part(self._db, pile_id, transaction, part)

    def has_parallel(self, pile_id: int, number: str) -> bool:
        """Whether a pile had a parallel charge of that number before."""
        return has_parallel(self._db, pile_id, number)

    def find_closed(self, pile_id: int, transaction: str) -> ClosedOrder | None:
        """Return what became of an order, or of a record that had none."""
        order = self._db.execute(
            "SELECT outcome, energy FROM orders WHERE pile = ? AND transaction_number = ? AND phase = 'closed'",
            (pile_id, transaction),
        ).fetchone()
        billed = self._db.execute("SELECT 1 FROM records WHERE pile = ? AND key = ?", (pile_id, transaction)).fetchone()
        if billed or (order and order[0] == Outcome.SETTLED):
            return ClosedOrder(Outcome.SETTLED)
        return order and ClosedOrder(Outcome(order[0]), decimal(order[1]))

    def update_order(
        self,
        pile_id: int,
        number: str,
        gun: int,
        row: OrderRow,
        closed: datetime | None,
        shown: Decimal,
        seen: datetime | None = None,
    ) -> None:
        """Write how far an order has come (`order_row`), and its gun's total energy.

        `seen` is when it was reported to charge, None for one that does not.
        """
        with self._transaction(durable=closed is not None):
            self._update(Progress(pile_id, number, gun, row, shown, seen), closed)

    def write_progress(self, gathered: Iterable[Progress]) -> None:
        """Write how far orders have come that are open."""
        with self._transaction(durable=False):
            for progress in gathered:
                self._update(progress, None)

    def _update(self, progress: Progress, closed: datetime | None) -> None:
        pile_id, number, gun, row, shown, seen = progress
        # A settled order is never written over: its record may have overtaken.
        self._db.execute(
            "UPDATE orders SET phase = ?, outcome = ?, reason = ?, began = ?, waited = ?,"
            " asked_to_stop = ?, energy = ?, amount = ?, is_session = ?,"
            " limit_reached = ?, charging_since = ?, closed = ?,"
            # What was reported stays reserved until it is paid; energy without a price is not paid for either.
            " at = coalesce(?, at), reserved = iif("
            "  phase <> 'closed' AND ?1 = 'closed', prepaid * max(?8, ?7 > 0), reserved)"
            " WHERE pile = ? AND transaction_number = ?"
            " AND (outcome IS NULL OR outcome <> 'settled')",
            (
                *row,
                text(closed),
                closed and milliseconds(closed),
                pile_id,
                number,
            ),
        )
        if seen is not None:
            note_progress(self._db, pile_id, number, seen)
        self._show(pile_id, gun, shown)

    def mark_exported(self, known: GunHours) -> None:
        """Take the mark off a gun whose statistics were written, unless there was a change meanwhile."""
        with self._transaction(durable=False):
            mark_exported(self._db, known)

    def _show(self, pile_id: int, gun: int, shown: Decimal) -> None:
        self._db.execute(
            "INSERT INTO totals (pile, gun, energy) VALUES (?, ?, ?)"
            " ON CONFLICT DO UPDATE SET energy = max(energy, excluded.energy)",
            (pile_id, gun, whole(shown)),
        )

    def store_record(self, pile_id: int, bill: Bill) -> Stored:
        """Store a record durably, once, and settle its order."""
        record = bill.record
        number = record.transaction
        with self._transaction():
            key = record_key(self._db, pile_id, record)
            order = self._db.execute(
                "SELECT gun, phase = 'closed' AND outcome <> 'settled', energy, origin, card, closed,"
                " driver, driver_name, prepaid, limit_reached, limit_amount FROM orders"
                " WHERE pile = ? AND transaction_number = ?",
                (pile_id, number),
            ).fetchone()
            unknown = (int(record.gun), 0, 0, Origin.FOREIGN, "", None, *booking_row(None), "", None)
            gun, unbilled, reported, origin, card, closed, *booked, limit, most = order or unknown
            limit = limit or limit_of(bill, most)
            # Who began a charge from here without naming a driver did not mean the vehicle's.
            booking = read_booking(*booked) or (None if origin == Origin.PLATFORM else bill.booking)
            session = bill.session
            service = bill.service_amount
            differs = [Mismatch.GUN] * (gun != record.gun) + [Mismatch.ENERGY] * (reported > whole(record.energy))
            end = session.ended or bill.received
            new = self._db.execute(
                "INSERT OR IGNORE INTO records (pile, gun, transaction_number, key,"
                " frame_type, body, received, started, ended, at, energy, energy_with_loss, amount, service,"
                " meter_start, meter_end, stop_reason, started_by, card, vin, origin, late, mismatches,"
                " driver, driver_name)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    pile_id,
                    gun,
                    number,
                    key,
                    record.TYPE,
                    record.body(),
                    text(bill.received),
                    text(session.started),
                    text(session.ended),
                    milliseconds(end),
                    whole(record.energy),
                    whole(record.energy_with_loss),
                    whole(record.amount),
                    None if service is None else whole(service),
                    whole(record.meter_start),
                    whole(record.meter_end),
                    session.stop_reason,
                    int(record.started_by),
                    card if card and (not bill.card or bill.card in reversed_cards(card)) else bill.card,
                    record.vin,
                    str(Origin.OFFLINE if record.started_by == StartedBy.OFFLINE_CARD else origin),
                    int(unbilled or (bill.received - end).total_seconds() > LATE_RECORD),
                    " ".join(differs),
                    *booking_row(booking)[:2],
                ),
            )
            if new.lastrowid is not None and new.rowcount:
                self._complete(pile_id, new.lastrowid, bill, limit)
                if booking is not None and booking.prepaid:
                    pay(self._db, booking, pile_id, key, whole(record.amount), bill.received)
            else:
                self._count_repeat(pile_id, key, record)
        return Stored(
            new=bool(new.rowcount),
            gun=gun,
            counted=decimal(reported if unbilled else 0),
            over=end if order is None else when(closed) or bill.received,
            booking=booking,
            limit=read_limit(limit),
        )

    def _complete(self, pile_id: int, row: int, bill: Bill, limit: str) -> None:
        """Write a new record's periods and hours, and settle its order."""
        write_hours(self._db, row)
        for index, period in enumerate(bill.record.periods):
            service = bill.service_price(index)
            self._db.execute(
                "INSERT INTO record_periods VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    row,
                    index,
                    price_units(period.price),
                    None if service is None else price_units(service),
                    whole(period.energy),
                    whole(period.energy_with_loss),
                    whole(period.amount),
                ),
            )
        self._db.execute(
            "UPDATE orders SET phase = 'closed', outcome = 'settled', closed = coalesce(closed, ?), reserved = 0,"
            " limit_reached = ? WHERE pile = ? AND transaction_number = ?",
            (text(bill.received), limit, pile_id, bill.record.transaction),
        )

    def _count_repeat(self, pile_id: int, key: str, record: Record) -> None:
        """Note that a record came again, and whether it said something else."""
        row, first, mismatches = self._db.execute(
            "SELECT id, body, mismatches FROM records WHERE pile = ? AND key = ?", (pile_id, key)
        ).fetchone()
        known = mismatches.split()
        if not says_the_same(record, first) and Mismatch.REPEAT not in known:
            known.append(Mismatch.REPEAT)
        self._db.execute(
            "UPDATE records SET repeats = repeats + 1, mismatches = ? WHERE id = ?", (" ".join(known), row)
        )
