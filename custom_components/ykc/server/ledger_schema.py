"""The tables of the ledger's file, and how a file of an older version becomes one of this."""

from collections.abc import Callable
from datetime import datetime
import sqlite3
from typing import Final, cast

from ..protocol import MESSAGES, DecodeError, Record, StartedBy
from .history import LedgerError
from .ledger_hours import write_hours
from .ledger_rows import card_text, milliseconds, price_units, whole
from .limits import LATE_RECORD
from .origin import Origin
from .sessions import Mismatch

_VERSION_1: Final = """
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

_VERSION_2: Final = """
ALTER TABLE orders ADD COLUMN origin TEXT NOT NULL DEFAULT 'platform';
-- 16 hex digits, '' for none
ALTER TABLE orders ADD COLUMN card TEXT NOT NULL DEFAULT '';
-- Unix ms, opened or closed
ALTER TABLE orders ADD COLUMN at INTEGER NOT NULL DEFAULT 0;
CREATE INDEX unsettled_orders ON orders (at) WHERE outcome IS NOT 'settled';
ALTER TABLE records ADD COLUMN origin TEXT NOT NULL DEFAULT 'foreign';
-- Unix ms of its end
ALTER TABLE records ADD COLUMN at INTEGER NOT NULL DEFAULT 0;
-- 1/10000 kWh
ALTER TABLE records ADD COLUMN meter_start INTEGER NOT NULL DEFAULT 0;
ALTER TABLE records ADD COLUMN meter_end INTEGER NOT NULL DEFAULT 0;
ALTER TABLE records ADD COLUMN energy_with_loss INTEGER NOT NULL DEFAULT 0;
-- 1/10000 CNY, NULL where not known
ALTER TABLE records ADD COLUMN service INTEGER;
ALTER TABLE records ADD COLUMN late INTEGER NOT NULL DEFAULT 0;
ALTER TABLE records ADD COLUMN repeats INTEGER NOT NULL DEFAULT 0;
-- slugs with spaces between
ALTER TABLE records ADD COLUMN mismatches TEXT NOT NULL DEFAULT '';
CREATE TABLE record_periods (
    record INTEGER NOT NULL REFERENCES records,
    period INTEGER NOT NULL,             -- 0 sharp, 1 peak, 2 flat, 3 valley, 4 deep valley
    price INTEGER NOT NULL,              -- 1/100000 CNY/kWh, service included
    service_price INTEGER,               -- 1/100000 CNY/kWh, NULL where not known
    energy INTEGER NOT NULL,             -- 1/10000 kWh
    energy_with_loss INTEGER NOT NULL,
    amount INTEGER NOT NULL,             -- 1/10000 CNY
    PRIMARY KEY (record, period)
) STRICT, WITHOUT ROWID;
DROP INDEX records_of_gun;
CREATE INDEX records_of_gun ON records (pile, gun, at, energy);
CREATE INDEX records_at ON records (at);
CREATE INDEX records_of_card ON records (card, at);
"""

_VERSION_3: Final = """
-- of the driver, at that time; '' for none
ALTER TABLE orders ADD COLUMN driver TEXT NOT NULL DEFAULT '';
ALTER TABLE orders ADD COLUMN driver_name TEXT NOT NULL DEFAULT '';
-- 1 for one that the driver's balance pays
ALTER TABLE orders ADD COLUMN prepaid INTEGER NOT NULL DEFAULT 0;
-- 1/10000 CNY of the balance, 0 as soon as it is paid
ALTER TABLE orders ADD COLUMN reserved INTEGER NOT NULL DEFAULT 0;
-- 1/10000 CNY that may be reserved at most, NULL for no limit
ALTER TABLE orders ADD COLUMN cost_limit INTEGER;
CREATE INDEX reservations ON orders (driver) WHERE reserved > 0;
ALTER TABLE records ADD COLUMN driver TEXT NOT NULL DEFAULT '';
ALTER TABLE records ADD COLUMN driver_name TEXT NOT NULL DEFAULT '';
CREATE INDEX records_of_driver ON records (driver, at);
CREATE TABLE accounts (
    driver TEXT PRIMARY KEY,
    name TEXT NOT NULL,                  -- as it was at the newest entry
    balance INTEGER NOT NULL             -- 1/10000 CNY, the sum of the entries
) STRICT, WITHOUT ROWID;
CREATE TABLE account_entries (
    id INTEGER PRIMARY KEY,
    driver TEXT NOT NULL REFERENCES accounts,
    at INTEGER NOT NULL,                 -- Unix ms
    kind TEXT NOT NULL,                  -- top_up, correction, charge
    amount INTEGER NOT NULL,             -- 1/10000 CNY, below 0 what was taken
    balance INTEGER NOT NULL,            -- after it
    pile INTEGER REFERENCES piles,       -- whose session was paid
    session TEXT NOT NULL DEFAULT '',    -- the key of its record
    note TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX entries_of_account ON account_entries (driver, id);
-- 12 hex digits that the guns of one parallel charge share, '' for a charge of its own
ALTER TABLE orders ADD COLUMN parallel TEXT NOT NULL DEFAULT '';
-- 'main', 'auxiliary', '' as long as the pile has not said
ALTER TABLE orders ADD COLUMN role TEXT NOT NULL DEFAULT '';
CREATE INDEX parallel_orders ON orders (parallel, pile);
-- the vehicle that is plugged into a gun, and what was done to charge it by itself
CREATE TABLE plugs (
    pile INTEGER NOT NULL REFERENCES piles,
    gun INTEGER NOT NULL,
    since TEXT NOT NULL,                 -- UTC
    stage TEXT NOT NULL,
    reason TEXT,                         -- why it was not charged
    tries INTEGER NOT NULL,              -- starts that were sent
    PRIMARY KEY (pile, gun)
) STRICT, WITHOUT ROWID;
-- how its firmware writes cards: 0 straight, 1 in reverse, 2 in reverse behind the padding
ALTER TABLE piles ADD COLUMN card_order INTEGER NOT NULL DEFAULT 0;
CREATE TABLE offline_cards (
    pile INTEGER NOT NULL REFERENCES piles,
    card TEXT NOT NULL,                  -- 16 hex digits
    logical_card TEXT NOT NULL,
    sent TEXT NOT NULL,                  -- the card as the pile may have it, '' where it has none
    state TEXT NOT NULL,                 -- what the pile said last
    by_hand TEXT,                        -- added, removed
    PRIMARY KEY (pile, card)
) STRICT, WITHOUT ROWID;
CREATE TABLE progress (
    order_id INTEGER NOT NULL REFERENCES orders,
    slot INTEGER NOT NULL,               -- Unix time / 300 s
    energy INTEGER NOT NULL,             -- 1/10000 kWh, as reported so far
    amount INTEGER NOT NULL,             -- 1/10000 CNY
    PRIMARY KEY (order_id, slot)
) STRICT, WITHOUT ROWID;
CREATE TABLE session_hours (
    pile INTEGER NOT NULL REFERENCES piles,
    gun INTEGER NOT NULL,
    hour INTEGER NOT NULL,               -- Unix time / 3600 s
    record INTEGER NOT NULL REFERENCES records,
    energy INTEGER NOT NULL,             -- 1/10000 kWh
    amount INTEGER NOT NULL,             -- 1/10000 CNY
    PRIMARY KEY (pile, gun, hour, record)
) STRICT, WITHOUT ROWID;
CREATE TABLE unexported (
    pile INTEGER NOT NULL REFERENCES piles,
    gun INTEGER NOT NULL,
    since INTEGER NOT NULL,              -- the first hour that the statistics lack
    changes INTEGER NOT NULL DEFAULT 1,
    PRIMARY KEY (pile, gun)
) STRICT, WITHOUT ROWID;
-- what one charge may come to: 1/10000 kWh, 1/10000 CNY, minutes, percent, 0 for no limit, NULL for the gun's
ALTER TABLE orders ADD COLUMN limit_energy INTEGER;
ALTER TABLE orders ADD COLUMN limit_amount INTEGER;
ALTER TABLE orders ADD COLUMN limit_minutes INTEGER;
ALTER TABLE orders ADD COLUMN limit_soc INTEGER;
-- the one that it was stopped at, '' for none
ALTER TABLE orders ADD COLUMN limit_reached TEXT NOT NULL DEFAULT '';
-- UTC, when charging was reported first
ALTER TABLE orders ADD COLUMN charging_since TEXT;
CREATE TABLE former_codes (
    code TEXT PRIMARY KEY,               -- of hardware that was replaced
    pile INTEGER NOT NULL REFERENCES piles,
    moved INTEGER NOT NULL DEFAULT 0     -- 1 when its statistics have the new code
) STRICT, WITHOUT ROWID;
"""


def _execute(db: sqlite3.Connection, script: str) -> None:
    # executescript would commit: a version comes whole or not at all.
    for statement in script.split(";\n"):
        db.execute(statement)


def _make_version_1(db: sqlite3.Connection) -> None:
    _execute(db, _VERSION_1)


def _make_version_2(db: sqlite3.Connection) -> None:
    """Give orders their origin, and records all that their bodies say."""
    _execute(db, _VERSION_2)
    for order, opened, closed in db.execute("SELECT id, opened, closed FROM orders").fetchall():
        at = milliseconds(datetime.fromisoformat(closed or opened))
        db.execute("UPDATE orders SET at = ? WHERE id = ?", (at, order))
    # Our own numbers begin with the pile's code and the gun (3.3).
    db.execute(
        "UPDATE orders SET origin = 'foreign' WHERE substr(transaction_number, 1, 16)"
        " <> (SELECT code FROM piles WHERE id = pile) || printf('%02d', gun)"
    )
    for row, frame_type, body, ended, received in db.execute(
        "SELECT id, frame_type, body, ended, received FROM records ORDER BY id"
    ).fetchall():
        came = datetime.fromisoformat(received)
        end = datetime.fromisoformat(ended) if ended else came
        db.execute("UPDATE records SET at = ? WHERE id = ?", (milliseconds(end), row))
        try:
            record = cast("Record", MESSAGES[frame_type].from_body(body))
        except KeyError, DecodeError:
            # It stays with what was read from it when it came.
            continue
        _complete(db, row, record, late=(came - end).total_seconds() > LATE_RECORD)


def _make_version_3(db: sqlite3.Connection) -> None:
    """Lay all sessions there were on their hours."""
    _execute(db, _VERSION_3)
    for (record,) in db.execute("SELECT id FROM records ORDER BY id").fetchall():
        write_hours(db, record)


def _complete(db: sqlite3.Connection, row: int, record: Record, *, late: bool) -> None:
    """Write what version 1 left in a record's body."""
    order = db.execute(
        "SELECT orders.gun, orders.energy, orders.origin, orders.closed < records.received"
        " FROM records JOIN orders USING (pile, transaction_number) WHERE records.id = ?",
        (row,),
    ).fetchone()
    mismatches = []
    origin = Origin.FOREIGN
    if order is not None:
        gun, reported, origin, was_closed = order
        late = late or bool(was_closed)
        mismatches += [Mismatch.GUN] * (gun != record.gun) + [Mismatch.ENERGY] * (reported > whole(record.energy))
    if record.started_by == StartedBy.OFFLINE_CARD:
        origin = Origin.OFFLINE
    db.execute(
        "UPDATE records SET origin = ?, meter_start = ?, meter_end = ?, energy_with_loss = ?,"
        " late = ?, mismatches = ?, card = ? WHERE id = ?",
        (
            str(origin),
            whole(record.meter_start),
            whole(record.meter_end),
            whole(record.energy_with_loss),
            int(late),
            " ".join(mismatches),
            card_text(record.card),
            row,
        ),
    )
    db.executemany(
        "INSERT INTO record_periods VALUES (?, ?, ?, NULL, ?, ?, ?)",
        (
            (row, index, price_units(p.price), whole(p.energy), whole(p.energy_with_loss), whole(p.amount))
            for index, p in enumerate(record.periods)
        ),
    )


_VERSIONS: Final[tuple[Callable[[sqlite3.Connection], None], ...]] = (_make_version_1, _make_version_2, _make_version_3)
"""What makes each version from the one before; a new file goes through all of them."""
SCHEMA_VERSION: Final = len(_VERSIONS)


def bring_up_to_date(db: sqlite3.Connection, name: str) -> None:
    """Make a new or older file one of this version; `LedgerError` for a newer one.

    Must run in a transaction.
    """
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if version > SCHEMA_VERSION:
        raise LedgerError(f"{name} is of a newer version ({version})")
    for make in _VERSIONS[version:]:
        make(db)
    if version < SCHEMA_VERSION:
        db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def mark_written(db: sqlite3.Connection) -> None:
    """Write a page that says what it said before: a disk that takes it takes a bill. Must run in a transaction."""
    db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
