"""The ledger's file, as the conversation with the piles writes and asks it.

Called from one thread, the ledger's own. How values are written is in
`ledger_rows.py`, the tables are in `ledger_schema.py`; lists are read elsewhere,
in `ledger_reader.py`, so that nobody who looks at them keeps a record waiting.
"""

from datetime import datetime
from decimal import Decimal
import hashlib
from pathlib import Path
import sqlite3
from typing import Final

from ..protocol import NO_TRANSACTION, StartedBy
from .history import ClosedOrder, GunHistory, PileHistory, Stored
from .ledger_open import Transaction, open_database
from .ledger_rows import OrderRow, card_text, decimal, milliseconds, order_row, price_units, text, when, whole
from .limits import LATE_RECORD
from .order import Order, Outcome, Phase
from .origin import Origin
from .sessions import Bill, Mismatch
from .state import LastSession

_CHECKPOINT_PAGES: Final = 1000
"""Pages in the WAL at which it is brought into the file; SQLite's own number."""

_LAST_ORDER: Final = """
SELECT o.transaction_number, coalesce(r.energy, o.energy), coalesce(r.amount, o.amount),
 coalesce(r.stop_reason, o.outcome), r.started, iif(r.id IS NULL, o.closed, r.ended), o.closed
FROM orders AS o LEFT JOIN records AS r ON r.pile = o.pile AND r.key = o.transaction_number
WHERE o.pile = ? AND o.gun = ? AND o.phase = 'closed' AND (o.outcome = 'settled' OR o.is_session)
ORDER BY o.closed DESC, o.id DESC LIMIT 1
"""
_LAST_WITHOUT_ORDER: Final = """
SELECT transaction_number, energy, amount, stop_reason, started, ended, coalesce(ended, received)
FROM records AS r
WHERE pile = ? AND gun = ? AND NOT EXISTS (
 SELECT 1 FROM orders AS o WHERE o.pile = r.pile AND o.transaction_number = r.transaction_number)
ORDER BY at DESC, id DESC LIMIT 1
"""


class LedgerFile:
    """The open file."""

    def __init__(self, path: Path) -> None:
        """Open or make the file at `path`; see `open_database`."""
        self._db, self.set_aside = open_database(path)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def _transaction(self, *, durable: bool = True) -> Transaction:
        return Transaction(self._db, durable=durable)

    def begin_backup(self, *, checkpoint: bool) -> None:
        """Leave the file as it is from now on, with the WAL brought into it before or not."""
        self._db.execute("PRAGMA wal_autocheckpoint = 0")
        self._db.setconfig(sqlite3.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, True)
        if checkpoint:
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def end_backup(self) -> None:
        """Let the WAL go into the file again."""
        self._db.setconfig(sqlite3.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, False)
        self._db.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")

    def load(self, code: str) -> PileHistory:
        """Return what is known of a pile, which is made when it is new."""
        with self._transaction():
            self._db.execute("INSERT OR IGNORE INTO piles (code) VALUES (?)", (code,))
        (pile_id,) = self._db.execute("SELECT id FROM piles WHERE code = ?", (code,)).fetchone()
        history = PileHistory(pile_id=pile_id)
        history.orders = [
            Order(
                transaction=number,
                gun=gun,
                opened=datetime.fromisoformat(opened),
                phase=Phase(phase),
                began=bool(began),
                waited=bool(waited),
                asked_to_stop=bool(asked),
                reason=reason,
                energy=decimal(energy),
                amount=decimal(amount),
                origin=Origin(origin),
                card=card,
            )
            for number, gun, opened, phase, began, waited, asked, reason, energy, amount, origin, card in (
                self._db.execute(
                    "SELECT transaction_number, gun, opened, phase, began,"
                    " waited, asked_to_stop, reason, energy, amount, origin, card FROM orders"
                    " WHERE pile = ? AND phase <> 'closed' ORDER BY id",
                    (pile_id,),
                )
            )
        ]
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
        for gun, known in history.guns.items():
            known.last_session, known.last_over = self._last_session(pile_id, gun)
        return history

    def _last_session(self, pile_id: int, gun: int) -> tuple[LastSession, datetime] | tuple[None, None]:
        """Return the session that was over last, and when: of an order, billed or not, or of a record without one."""
        found = self._db.execute(_LAST_ORDER, (pile_id, gun)).fetchall()
        found += self._db.execute(_LAST_WITHOUT_ORDER, (pile_id, gun)).fetchall()
        sessions = [
            (
                LastSession(
                    transaction=number,
                    energy=decimal(energy),
                    cost=decimal(amount),
                    stop_reason=reason,
                    started=when(started),
                    ended=when(ended),
                ),
                datetime.fromisoformat(over),
            )
            for number, energy, amount, reason, started, ended, over in found
        ]
        return max(sessions, key=lambda known: known[1], default=(None, None))

    def draw_counter(self, pile_id: int) -> int:
        """Return the next number (0..9999) for a pile's transaction numbers."""
        with self._transaction():
            (counter,) = self._db.execute(
                "UPDATE piles SET counter = (counter + 1) % 10000 WHERE id = ? RETURNING counter",
                (pile_id,),
            ).fetchone()
        return int(counter)

    def open_order(self, pile_id: int, order: Order) -> bool:
        """Write a new order durably; False if its number is an older one's."""
        with self._transaction():
            return bool(
                self._db.execute(
                    "INSERT OR IGNORE INTO orders (phase, outcome, reason, began, waited,"
                    " asked_to_stop, energy, amount, is_session, pile, gun, transaction_number,"
                    " opened, at, origin, card) SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?"
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
                        pile_id,
                        order.transaction,
                    ),
                ).rowcount
            )

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
    ) -> None:
        """Write how far an order has come (`order_row`), and its gun's total energy."""
        # A settled order is never written over: its record may have overtaken.
        with self._transaction(durable=closed is not None):
            self._db.execute(
                "UPDATE orders SET phase = ?, outcome = ?, reason = ?, began = ?, waited = ?,"
                " asked_to_stop = ?, energy = ?, amount = ?, is_session = ?, closed = ?,"
                " at = coalesce(?, at)"
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
            self._show(pile_id, gun, shown)

    def _show(self, pile_id: int, gun: int, shown: Decimal) -> None:
        self._db.execute(
            "INSERT INTO totals (pile, gun, energy) VALUES (?, ?, ?)"
            " ON CONFLICT DO UPDATE SET energy = max(energy, excluded.energy)",
            (pile_id, gun, whole(shown)),
        )

    def store_record(self, pile_id: int, bill: Bill) -> Stored:
        """Store a record durably, once, and settle its order."""
        record = bill.record
        body = record.body()
        number = record.transaction
        # A record without a number is known by what it says.
        key = number if number != NO_TRANSACTION else hashlib.sha256(body).hexdigest()
        with self._transaction():
            order = self._db.execute(
                "SELECT gun, phase = 'closed' AND outcome <> 'settled', energy, origin, card, closed FROM orders"
                " WHERE pile = ? AND transaction_number = ?",
                (pile_id, number),
            ).fetchone()
            gun, unbilled, reported, origin, card, closed = order or (int(record.gun), 0, 0, Origin.FOREIGN, "", None)
            session = bill.session
            service = bill.service_amount
            differs = [Mismatch.GUN] * (gun != record.gun) + [Mismatch.ENERGY] * (reported > whole(record.energy))
            end = session.ended or bill.received
            new = self._db.execute(
                "INSERT OR IGNORE INTO records (pile, gun, transaction_number, key,"
                " frame_type, body, received, started, ended, at, energy, energy_with_loss, amount, service,"
                " meter_start, meter_end, stop_reason, started_by, card, vin, origin, late, mismatches)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    pile_id,
                    gun,
                    number,
                    key,
                    record.TYPE,
                    body,
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
                    card_text(record.card) or card,
                    record.vin,
                    str(Origin.OFFLINE if record.started_by == StartedBy.OFFLINE_CARD else origin),
                    int(unbilled or (bill.received - end).total_seconds() > LATE_RECORD),
                    " ".join(differs),
                ),
            )
            if new.rowcount:
                self._complete(pile_id, new.lastrowid, bill)
            else:
                self._count_repeat(pile_id, key, body)
        return Stored(
            new=bool(new.rowcount),
            gun=gun,
            counted=decimal(reported if unbilled else 0),
            over=end if order is None else when(closed) or bill.received,
        )

    def _complete(self, pile_id: int, row: int | None, bill: Bill) -> None:
        """Write a new record's periods, and settle its order."""
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
            "UPDATE orders SET phase = 'closed', outcome = 'settled', closed = coalesce(closed, ?)"
            " WHERE pile = ? AND transaction_number = ?",
            (text(bill.received), pile_id, bill.record.transaction),
        )

    def _count_repeat(self, pile_id: int, key: str, body: bytes) -> None:
        """Note that a record came again, and whether it said something else."""
        row, first, mismatches = self._db.execute(
            "SELECT id, body, mismatches FROM records WHERE pile = ? AND key = ?", (pile_id, key)
        ).fetchone()
        known = mismatches.split()
        if body != first and Mismatch.REPEAT not in known:
            known.append(Mismatch.REPEAT)
        self._db.execute(
            "UPDATE records SET repeats = repeats + 1, mismatches = ? WHERE id = ?", (" ".join(known), row)
        )
