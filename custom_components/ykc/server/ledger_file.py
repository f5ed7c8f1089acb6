"""The ledger's file: SQLite, and what is asked of it.

Called from one thread, the ledger's own. Energy and money are whole numbers of
1/10000, which is what the wire carries: no figure is rounded.
"""

from datetime import UTC, datetime
from decimal import Decimal
import hashlib
from pathlib import Path
import sqlite3
from typing import Final

from ..protocol import NO_TRANSACTION, Record
from .history import ClosedOrder, GunHistory, LedgerError, PileHistory, Stored
from .order import Order, Outcome, Phase
from .state import LastSession

_SCHEMA_VERSION: Final = 1
_SCHEMA: Final = """
CREATE TABLE piles (
    id INTEGER PRIMARY KEY,
    code TEXT NOT NULL UNIQUE,           -- of the hardware that is there now
    counter INTEGER NOT NULL DEFAULT 0   -- of transaction numbers
) STRICT;
CREATE TABLE orders (
    id INTEGER PRIMARY KEY,
    pile INTEGER NOT NULL REFERENCES piles,
    gun INTEGER NOT NULL,
    transaction_number TEXT NOT NULL,
    opened TEXT NOT NULL,                -- UTC, ISO 8601
    phase TEXT NOT NULL,
    outcome TEXT,
    reason TEXT,                         -- the pile's, where it refused
    began INTEGER NOT NULL DEFAULT 0,
    waited INTEGER NOT NULL DEFAULT 0,   -- for the plug
    asked_to_stop INTEGER NOT NULL DEFAULT 0,
    energy INTEGER NOT NULL DEFAULT 0,   -- 1/10000 kWh, as reported
    amount INTEGER NOT NULL DEFAULT 0,   -- 1/10000 CNY, as reported
    is_session INTEGER NOT NULL DEFAULT 0,   -- shown as one while it has no record
    closed TEXT,                         -- UTC
    UNIQUE (pile, transaction_number)
) STRICT;
CREATE INDEX open_orders ON orders (pile) WHERE phase <> 'closed';
CREATE INDEX closed_orders ON orders (pile, gun, closed);
CREATE TABLE records (
    id INTEGER PRIMARY KEY,
    pile INTEGER NOT NULL REFERENCES piles,
    gun INTEGER NOT NULL,
    transaction_number TEXT NOT NULL,
    key TEXT NOT NULL,                   -- what a repeat is known by
    frame_type INTEGER NOT NULL,
    body BLOB NOT NULL,                  -- as it came
    received TEXT NOT NULL,              -- UTC
    started TEXT,                        -- the pile's local time with its offset
    ended TEXT,
    energy INTEGER NOT NULL,             -- 1/10000 kWh
    amount INTEGER NOT NULL,             -- 1/10000 CNY
    stop_reason TEXT NOT NULL,
    started_by INTEGER NOT NULL,
    card TEXT NOT NULL,
    vin TEXT NOT NULL,
    UNIQUE (pile, key)
) STRICT;
CREATE INDEX records_of_gun ON records (pile, gun);
CREATE TABLE totals (
    pile INTEGER NOT NULL REFERENCES piles,
    gun INTEGER NOT NULL,
    energy INTEGER NOT NULL,             -- 1/10000 kWh, the highest ever shown
    PRIMARY KEY (pile, gun)
) STRICT, WITHOUT ROWID;
"""
_UNITS: Final = 10_000

type OrderRow = tuple[object, ...]


def _whole(value: Decimal) -> int:
    return int((value * _UNITS).to_integral_value())


def _decimal(units: int) -> Decimal:
    return Decimal(units).scaleb(-4)


def _text(when: datetime | None) -> str | None:
    return None if when is None else when.isoformat()


def _when(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def order_row(order: Order) -> OrderRow:
    """Return what is written of an order, as it is now."""
    return (
        str(order.phase),
        None if order.outcome is None else str(order.outcome),
        order.reason,
        int(order.began),
        int(order.waited),
        int(order.asked_to_stop),
        _whole(order.energy),
        _whole(order.amount),
        int(order.is_session),
    )


class LedgerFile:
    """The open file."""

    def __init__(self, path: Path) -> None:
        """Open or make the file at `path`; `LedgerError` for one of a newer version."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, isolation_level=None, timeout=10)
        try:
            self._prepare(path.name)
        except BaseException:
            self._db.close()
            raise

    def _prepare(self, name: str) -> None:
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA foreign_keys = ON")
        (version,) = self._db.execute("PRAGMA user_version").fetchone()
        if version > _SCHEMA_VERSION:
            raise LedgerError(f"{name} is of a newer version ({version})")
        if version == 0:
            with self._transaction():
                for statement in _SCHEMA.split(";\n"):
                    self._db.execute(statement)
                self._db.execute(f"PRAGMA user_version = {_SCHEMA_VERSION}")

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def _transaction(self, *, durable: bool = True) -> _Transaction:
        return _Transaction(self._db, durable=durable)

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
                energy=_decimal(energy),
                amount=_decimal(amount),
            )
            for number, gun, opened, phase, began, waited, asked, reason, energy, amount in (
                self._db.execute(
                    "SELECT transaction_number, gun, opened, phase, began,"
                    " waited, asked_to_stop, reason, energy, amount FROM orders"
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
            history.guns[gun] = GunHistory(counted=_decimal(counted))
        for gun, shown in self._db.execute("SELECT gun, energy FROM totals WHERE pile = ?", (pile_id,)):
            history.guns.setdefault(gun, GunHistory()).shown = _decimal(shown)
        for gun, known in history.guns.items():
            known.last_session = self._last_session(pile_id, gun)
        return history

    def _last_session(self, pile_id: int, gun: int) -> LastSession | None:
        """Return the session that ended last: a record's, or an unbilled order's."""
        sessions = [
            (
                _when(ended) or datetime.fromisoformat(received),
                LastSession(
                    transaction=number,
                    energy=_decimal(energy),
                    cost=_decimal(amount),
                    stop_reason=reason,
                    started=_when(started),
                    ended=_when(ended),
                ),
            )
            for number, energy, amount, reason, started, ended, received in (
                self._db.execute(
                    "SELECT transaction_number, energy, amount, stop_reason,"
                    " started, ended, received FROM records"
                    " WHERE pile = ? AND gun = ? ORDER BY id DESC LIMIT 20",
                    (pile_id, gun),
                )
            )
        ]
        sessions += [
            (
                datetime.fromisoformat(closed),
                LastSession(
                    transaction=number,
                    energy=_decimal(energy),
                    cost=_decimal(amount),
                    stop_reason=outcome,
                    ended=datetime.fromisoformat(closed),
                ),
            )
            for number, energy, amount, outcome, closed in self._db.execute(
                "SELECT transaction_number, energy, amount, outcome, closed"
                " FROM orders WHERE pile = ? AND gun = ? AND phase = 'closed'"
                " AND outcome <> 'settled' AND is_session ORDER BY closed DESC LIMIT 1",
                (pile_id, gun),
            )
        ]
        return max(sessions, key=lambda known: known[0])[1] if sessions else None

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
                    " opened) SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? WHERE NOT EXISTS"
                    " (SELECT 1 FROM records WHERE pile = ? AND key = ?)",
                    (
                        *order_row(order),
                        pile_id,
                        order.gun,
                        order.transaction,
                        _text(order.opened),
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
        return order and ClosedOrder(Outcome(order[0]), _decimal(order[1]))

    def update_order(
        self,
        pile_id: int,
        number: str,
        gun: int,
        row: OrderRow,
        closed: bool,
        shown: Decimal,
    ) -> None:
        """Write how far an order has come (`order_row`), and its gun's total energy."""
        # A settled order is never written over: its record may have overtaken.
        with self._transaction(durable=closed):
            self._db.execute(
                "UPDATE orders SET phase = ?, outcome = ?, reason = ?, began = ?, waited = ?,"
                " asked_to_stop = ?, energy = ?, amount = ?, is_session = ?, closed = ?"
                " WHERE pile = ? AND transaction_number = ?"
                " AND (outcome IS NULL OR outcome <> 'settled')",
                (
                    *row,
                    datetime.now(UTC).isoformat() if closed else None,
                    pile_id,
                    number,
                ),
            )
            self._show(pile_id, gun, shown)

    def _show(self, pile_id: int, gun: int, shown: Decimal) -> None:
        self._db.execute(
            "INSERT INTO totals (pile, gun, energy) VALUES (?, ?, ?)"
            " ON CONFLICT DO UPDATE SET energy = max(energy, excluded.energy)",
            (pile_id, gun, _whole(shown)),
        )

    def store_record(self, pile_id: int, record: Record, session: LastSession) -> Stored:
        """Store a record durably, once, and settle its order."""
        body = record.body()
        number = record.transaction
        # A record without a number is known by what it says.
        key = number if number != NO_TRANSACTION else hashlib.sha256(body).hexdigest()
        now = datetime.now(UTC).isoformat()
        with self._transaction():
            order = self._db.execute(
                "SELECT gun, phase = 'closed' AND outcome <> 'settled', energy FROM orders"
                " WHERE pile = ? AND transaction_number = ?",
                (pile_id, number),
            ).fetchone()
            gun, counts, energy = order or (int(record.gun), 0, 0)
            new = self._db.execute(
                "INSERT OR IGNORE INTO records (pile, gun, transaction_number, key,"
                " frame_type, body, received, started, ended, energy, amount,"
                " stop_reason, started_by, card, vin)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    pile_id,
                    gun,
                    number,
                    key,
                    record.TYPE,
                    body,
                    now,
                    _text(session.started),
                    _text(session.ended),
                    _whole(record.energy),
                    _whole(record.amount),
                    session.stop_reason,
                    int(record.started_by),
                    record.card,
                    record.vin,
                ),
            ).rowcount
            if new:
                self._db.execute(
                    "UPDATE orders SET phase = 'closed', outcome = 'settled',"
                    " closed = coalesce(closed, ?)"
                    " WHERE pile = ? AND transaction_number = ?",
                    (now, pile_id, number),
                )
        return Stored(new=bool(new), gun=gun, counted=_decimal(energy if counts else 0))


class _Transaction:
    """BEGIN … COMMIT, or ROLLBACK when the block raises."""

    def __init__(self, db: sqlite3.Connection, *, durable: bool) -> None:
        self._db = db
        self._durable = durable

    def __enter__(self) -> None:
        level = "FULL" if self._durable else "NORMAL"
        self._db.execute(f"PRAGMA synchronous = {level}")
        self._db.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                self._db.execute("COMMIT")
        finally:
            # A failed commit (a full disk) leaves the transaction open.
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
