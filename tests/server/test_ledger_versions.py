"""A ledger of an older version becomes one of today."""

from decimal import Decimal
from pathlib import Path
import sqlite3
from typing import Any

import pytest

from custom_components.ykc.protocol import TransactionRecord, TransactionRecordV12
from custom_components.ykc.server.ledger import Ledger, LedgerError
from custom_components.ykc.server.ledger_schema import SCHEMA_VERSION
from custom_components.ykc.server.origin import Origin
from custom_components.ykc.server.sessions import Mismatch, SessionFilter
from tests.server.house import periods
from tests.server.peer import CODE, Peer

NUMBER = CODE + "01" + "2603011000000001"
OTHER = CODE + "01" + "2603011000000002"
CARD = "00000000d14b0a54"
VIN = "LSVAA4182E2123456"
VERSION_1 = """
CREATE TABLE piles (id INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE, counter INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE TABLE orders (
    id INTEGER PRIMARY KEY, pile INTEGER NOT NULL REFERENCES piles, gun INTEGER NOT NULL,
    transaction_number TEXT NOT NULL, opened TEXT NOT NULL, phase TEXT NOT NULL, outcome TEXT, reason TEXT,
    began INTEGER NOT NULL DEFAULT 0, waited INTEGER NOT NULL DEFAULT 0, asked_to_stop INTEGER NOT NULL DEFAULT 0,
    energy INTEGER NOT NULL DEFAULT 0, amount INTEGER NOT NULL DEFAULT 0, is_session INTEGER NOT NULL DEFAULT 0,
    closed TEXT, UNIQUE (pile, transaction_number)
) STRICT;
CREATE INDEX open_orders ON orders (pile) WHERE phase <> 'closed';
CREATE INDEX closed_orders ON orders (pile, gun, closed);
CREATE TABLE records (
    id INTEGER PRIMARY KEY, pile INTEGER NOT NULL REFERENCES piles, gun INTEGER NOT NULL,
    transaction_number TEXT NOT NULL, key TEXT NOT NULL, frame_type INTEGER NOT NULL, body BLOB NOT NULL,
    received TEXT NOT NULL, started TEXT, ended TEXT, energy INTEGER NOT NULL, amount INTEGER NOT NULL,
    stop_reason TEXT NOT NULL, started_by INTEGER NOT NULL, card TEXT NOT NULL, vin TEXT NOT NULL, UNIQUE (pile, key)
) STRICT;
CREATE INDEX records_of_gun ON records (pile, gun);
CREATE TABLE totals (
    pile INTEGER NOT NULL REFERENCES piles, gun INTEGER NOT NULL, energy INTEGER NOT NULL, PRIMARY KEY (pile, gun)
) STRICT, WITHOUT ROWID;
PRAGMA user_version = 1;
"""
FOREIGN = "99" * 16
OURS = CODE + "02" + "2603011000000001"


def make_version_1(path: Path, *bodies: tuple[int, str, bytes]) -> None:
    """Make a file as version 1 left it, with records of a type, a number and a body."""
    db = sqlite3.connect(path)
    db.executescript(VERSION_1)
    db.execute("INSERT INTO piles VALUES (1, ?, 7)", (CODE,))
    for gun, number, outcome, closed, energy in (
        (2, OURS, "settled", "2026-03-01T03:00:01+00:00", 50000),
        (1, FOREIGN, None, None, 15000),
    ):
        db.execute(
            "INSERT INTO orders (pile, gun, transaction_number, opened, phase, outcome, began, energy, closed)"
            " VALUES (1, ?, ?, '2026-03-01T02:00:00+00:00', ?, ?, 1, ?, ?)",
            (gun, number, "closed" if outcome else "charging", outcome, energy, closed),
        )
    for frame_type, number, body in bodies:
        db.execute(
            "INSERT INTO records (pile, gun, transaction_number, key, frame_type, body, received, started, ended,"
            " energy, amount, stop_reason, started_by, card, vin) VALUES (1, 2, ?, ?, ?, ?,"
            " '2026-03-01T03:00:02+00:00', '2026-03-01T10:00:00+08:00', '2026-03-01T11:00:00+08:00',"
            " 48000, 98000, 'stopped_remotely', 1, ?, ?)",
            (number, number, frame_type, body, CARD, VIN),
        )
    db.execute("INSERT INTO totals VALUES (1, 2, 50000)")
    db.commit()
    db.close()


async def test_a_file_of_version_1(tmp_path: Path) -> None:
    """Its records are read again from their bodies; nothing that was there is lost."""
    teller = Peer.__new__(Peer)
    teller.code = CODE
    told = teller.record(
        OURS,
        "4.8",
        "9.8",
        periods=periods("1", "2", "3", "4", "5"),
        meter_start=Decimal("109951162.7770"),
        meter_end=Decimal("109951162.7775"),
        energy_with_loss=Decimal("4.9"),
        card=CARD,
    )
    old = teller.record(OTHER, "4.8", "9.8", kind=TransactionRecordV12, started_by=4)
    path = tmp_path / "ledger.db"
    make_version_1(
        path,
        (TransactionRecord.TYPE, OURS, told.body()),
        (TransactionRecordV12.TYPE, OTHER, old.body()),
        (TransactionRecord.TYPE, "unreadable", b"short"),
        (0xFE, "unknown", b""),
    )
    ledger = await Ledger.open(path)
    history = await ledger.load(CODE)
    (order,) = history.orders
    assert (order.transaction, order.origin, order.card, order.energy) == (FOREIGN, Origin.FOREIGN, "", Decimal("1.5"))
    assert history.guns[2].counted == Decimal("19.2")
    assert history.guns[2].shown == 5
    assert await ledger.draw_counter(1) == 8
    found = {s.transaction: s for s in await ledger.read(lambda r: list(r.sessions(SessionFilter())))}
    assert set(found) == {FOREIGN, OURS, OTHER, "unreadable", "unknown"}
    session = found[OURS]
    assert (session.meter_start, session.meter_end) == (Decimal("109951162.7770"), Decimal("109951162.7775"))
    assert (session.energy, session.energy_with_loss, session.amount) == (
        Decimal("4.8"),
        Decimal("4.9"),
        Decimal("9.8"),
    )
    assert [(p.price, p.service_price, p.energy) for p in session.periods] == [
        (Decimal(n), None, n + Decimal("0.0001")) for n in range(1, 6)
    ]
    assert (session.origin, session.late, session.card) == (Origin.PLATFORM, True, CARD)
    assert session.mismatches == (Mismatch.GUN, Mismatch.ENERGY)
    assert (found[OTHER].origin, found[OTHER].late, found[OTHER].card) == (Origin.OFFLINE, False, "")
    assert len(found[OTHER].periods) == 4
    assert (found["unknown"].periods, found["unknown"].energy, found["unknown"].vin) == ((), Decimal("4.8"), VIN)
    assert [s.transaction for s in found.values()][-1] == FOREIGN
    await ledger.close()
    db = sqlite3.connect(path)
    assert db.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)
    upgraded = _tables(db)
    db.close()
    # An upgraded file is like a new one.
    await (await Ledger.open(tmp_path / "new.db")).close()
    db = sqlite3.connect(tmp_path / "new.db")
    assert _tables(db) == upgraded
    db.close()


def _tables(db: sqlite3.Connection) -> dict[str, list[Any]]:
    return {
        name: db.execute(f"PRAGMA {'table' if kind == 'table' else 'index'}_xinfo({name})").fetchall()
        for kind, name in db.execute("SELECT type, name FROM sqlite_schema")
    }


async def test_an_upgrade_that_fails_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A version comes whole or not at all."""
    path = tmp_path / "ledger.db"
    make_version_1(path, (TransactionRecord.TYPE, NUMBER, b"short"))

    def full(_: object) -> int:
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patched:
        patched.setattr("custom_components.ykc.server.ledger_schema.milliseconds", full)
        with pytest.raises(LedgerError, match="full"):
            await Ledger.open(path)
    db = sqlite3.connect(path)
    assert db.execute("PRAGMA user_version").fetchone() == (1,)
    assert "record_periods" not in _tables(db)
    db.close()
    await (await Ledger.open(path)).close()
