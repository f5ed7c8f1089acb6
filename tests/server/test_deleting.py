"""What is deleted from the ledger is gone, to the last byte, and all that stays is what it was."""

from collections.abc import AsyncIterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
import sqlite3
from typing import Any, Final

import pytest

from custom_components.ykc.protocol import NO_TRANSACTION, Record, TransactionRecordV12
from custom_components.ykc.server.accounts import EntryKind
from custom_components.ykc.server.bills import session_of
from custom_components.ykc.server.booking import Booking
from custom_components.ykc.server.card_list import CardState, KnownCard
from custom_components.ykc.server.errors import (
    BalanceTooLow,
    BillAwaited,
    NotErased,
    PileNotInLedger,
    PileNotRemoved,
    PileUnpaid,
)
from custom_components.ykc.server.history import Stored
from custom_components.ykc.server.ledger import Ledger
from custom_components.ykc.server.ledger_deleting import check_foreign_keys
from custom_components.ykc.server.order import Order, Outcome, Phase
from custom_components.ykc.server.plug import Plug, Stage
from custom_components.ykc.server.sessions import Bill, Mismatch, Session, SessionFilter

from .house import SHANGHAI, House, billing_model
from .peer import CODE, Peer

GONE: Final = "32010200000002"
STAYS: Final = "32010200000003"
CARD: Final = "00000000d14b0a54"
VIN: Final = "LSVAA4182E2123456"
NOON: Final = datetime(2026, 3, 1, 4, tzinfo=UTC)
PAULA: Final = Booking(driver="paula-01", name="Paula Beispiel", prepaid=True)
QUIN: Final = Booking(driver="quin-02", name="Quin Beispiel")
PRIVATE: Final = (
    *(text.encode() for text in (PAULA.driver, PAULA.name, VIN, CARD)),
    *(text[::-1].encode() for text in (PAULA.driver, PAULA.name, VIN, CARD)),
    bytes.fromhex(CARD)[4:],
)
"""What must not be in any byte: as text, and the significant half of a card as it is in a record."""
EVERYTHING: Final = SessionFilter(until=NOON + timedelta(days=1))
TABLES: Final = (
    "piles",
    "orders",
    "records",
    "record_periods",
    "session_hours",
    "progress",
    "totals",
    "plugs",
    "offline_cards",
    "unexported",
    "former_codes",
)


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[Ledger]:
    """Open a ledger."""
    opened = await Ledger.open(tmp_path / "ledger.db")
    yield opened
    await opened.close()


def number(code: str, count: int) -> str:
    """Return a transaction number of gun 1."""
    return f"{code}01{count:016}"


def record_of(code: str, transaction: str, **values: Any) -> Record:
    """Return a bill of 2 kWh and 3 CNY."""
    teller = Peer.__new__(Peer)
    teller.code = code
    return teller.record(transaction, "2", "3", **{"card": CARD, "vin": VIN} | values)


async def bill(ledger: Ledger, record: Record, booking: Booking | None = None, at: datetime = NOON) -> Stored:
    """Store a bill that came at a time."""
    pile = await ledger.load(record.pile)
    told = Bill(
        record=record, session=session_of(record, SHANGHAI, at), received=at, model=billing_model(), booking=booking
    )
    return await ledger.store_record(pile.pile_id, told)


async def order_of(ledger: Ledger, code: str, count: int, booking: Booking | None) -> Order:
    """Write an order that charges, and was heard of."""
    pile = await ledger.load(code)
    order = Order(transaction=number(code, count), gun=1, opened=NOON, card=CARD, booking=booking)
    assert await ledger.open_order(pile.pile_id, order)
    order.phase, order.began, order.heard = Phase.CHARGING, True, 1.0
    order.energy, order.amount = Decimal(2), Decimal("2.5")
    await ledger.update_order(pile.pile_id, order, Decimal(2), NOON)
    return order


async def close(ledger: Ledger, code: str, order: Order, *, outcome: Outcome, is_session: bool = True) -> None:
    """Close an order without a bill."""
    order.phase, order.outcome, order.began = Phase.CLOSED, outcome, is_session
    if not is_session:
        order.energy = order.amount = Decimal(0)
    pile = await ledger.load(code)
    await ledger.update_order(pile.pile_id, order, Decimal(2), NOON)


async def furnish(ledger: Ledger, code: str, booking: Booking | None = QUIN) -> None:
    """Let a pile have something in every table."""
    await order_of(ledger, code, 1, booking)
    await bill(ledger, record_of(code, number(code, 1)), booking)
    await bill(ledger, record_of(code, number(code, 2), kind=TransactionRecordV12), booking)
    await order_of(ledger, code, 3, QUIN)
    await close(ledger, code, await order_of(ledger, code, 4, QUIN), outcome=Outcome.NO_RECORD)
    await keep(ledger, code)


async def keep(ledger: Ledger, code: str) -> None:
    """Let something be known of a pile's hardware."""
    pile = await ledger.load(code)
    await ledger.keep_plug(pile.pile_id, 1, Plug(NOON, Stage.FOUND, None, 0))
    known = KnownCard(card=CARD, logical_card=CARD, sent=CARD, state=CardState.STORED, by_hand=None)
    await ledger.keep_cards(pile.pile_id, [known], [], None)


def rows(ledger: Ledger, query: str) -> list[tuple[Any, ...]]:
    """Ask the file."""
    with closing(sqlite3.connect(ledger.path)) as db:
        return db.execute(query).fetchall()


def size(ledger: Ledger, table: str) -> int:
    """Return how many rows a table has."""
    query = "SELECT count(*) FROM "
    ((count,),) = rows(ledger, query + table)
    return int(count)


def content(ledger: Ledger) -> list[str]:
    """Return all that is in the ledger."""
    with closing(sqlite3.connect(ledger.path)) as db:
        return [*db.iterdump()]


def files(ledger: Ledger) -> bytes:
    """Return every byte of the file and its WAL."""
    wal = ledger.path.with_name(f"{ledger.path.name}-wal")
    return ledger.path.read_bytes() + (wal.read_bytes() if wal.exists() else b"")


async def sessions(ledger: Ledger, **wanted: Any) -> list[Session]:
    """Return sessions."""
    return await ledger.read(lambda reader: [*reader.sessions(SessionFilter(**wanted))])


async def top_up(ledger: Ledger, booking: Booking = PAULA) -> None:
    """Give a driver 100 CNY."""
    await ledger.change_balance(booking, EntryKind.TOP_UP, Decimal(100), "", NOON)


# A pile


async def test_a_pile_is_gone(ledger: Ledger) -> None:
    """Nothing is left of it in any table or byte; its neighbour has all that it had."""
    await furnish(ledger, STAYS)
    neighbour = content(ledger)
    await furnish(ledger, GONE)
    before = content(ledger)
    rehearsed = await ledger.delete_pile(GONE, {STAYS}, rehearse=True)
    assert content(ledger) == before
    deleted = await ledger.delete_pile(GONE, {STAYS})
    assert deleted == rehearsed
    assert (deleted.pile, deleted.codes) == (GONE, (GONE,))
    # Two that are billed, one that is open, one that never had a bill.
    assert (deleted.sessions, deleted.energy, deleted.amount) == (4, Decimal(8), Decimal(11))
    assert content(ledger) == neighbour
    assert bytes.fromhex(GONE) not in files(ledger)
    assert GONE.encode() not in files(ledger)
    with pytest.raises(PileNotInLedger):
        await ledger.delete_pile(GONE, {STAYS})


async def test_a_pile_that_comes_back(ledger: Ledger) -> None:
    """It begins at nothing. A bill that was paid and comes again is a session, and is not paid again."""
    await top_up(ledger)
    record = record_of(GONE, number(GONE, 1))
    await bill(ledger, record, PAULA)
    assert (await ledger.account(PAULA.driver)).balance == 97
    await ledger.delete_pile(GONE, ())
    assert (await ledger.load(GONE)).guns == {}
    entries = await ledger.account_entries(PAULA.driver, 10)
    assert [(entry.amount, entry.pile, entry.transaction) for entry in entries] == [
        (Decimal(-3), None, number(GONE, 1)),
        (Decimal(100), None, ""),
    ]
    assert (await bill(ledger, record, PAULA)).new
    assert (await ledger.account(PAULA.driver)).balance == 97
    await bill(ledger, record_of(GONE, number(GONE, 2)), PAULA)
    assert (await ledger.account(PAULA.driver)).balance == 94


async def test_hardware_that_was_replaced(ledger: Ledger) -> None:
    """The codes that the pile had before are told, for its statistics, but not one that another pile has now."""
    for old, new in ((STAYS, CODE), (CODE, GONE)):
        await furnish(ledger, old)
        assert await ledger.replace_code(old, new)
    await furnish(ledger, CODE)
    assert (await ledger.delete_pile(GONE, {CODE})).codes == (GONE, STAYS)
    assert rows(ledger, "SELECT code FROM piles") == [(CODE,)]
    assert rows(ledger, "SELECT * FROM former_codes") == []


async def test_what_is_not_deleted(ledger: Ledger) -> None:
    """An approved pile, one that nobody knows, and one at which a prepaid driver owes something."""
    await top_up(ledger)
    await furnish(ledger, GONE)
    await furnish(ledger, STAYS)
    before = content(ledger)
    for rehearse in (True, False):
        with pytest.raises(PileNotRemoved):
            await ledger.delete_pile(GONE, {GONE}, rehearse=rehearse)
        with pytest.raises(PileNotInLedger) as error:
            await ledger.delete_pile(CODE, {STAYS}, rehearse=rehearse)
        assert error.value.placeholders == {"pile": CODE, "known": GONE}
    assert content(ledger) == before
    await order_of(ledger, GONE, 9, PAULA)
    with pytest.raises(PileUnpaid) as unpaid:
        await ledger.delete_pile(GONE, {STAYS})
    assert unpaid.value.placeholders == {"pile": GONE, "drivers": PAULA.name}
    await ledger.settle_unpaid(PAULA, [], NOON)
    await ledger.delete_pile(GONE, {STAYS})
    account = await ledger.account(PAULA.driver)
    assert (account.balance, account.reserved) == (Decimal("97.5"), Decimal(0))
    assert rows(ledger, "SELECT count(*) FROM orders WHERE pile <> (SELECT id FROM piles)") == [(0,)]


async def test_every_table_is_known(ledger: Ledger) -> None:
    """Whoever adds a table of a pile, a record or an order has to delete from it, too."""
    await furnish(ledger, GONE)
    # New hardware, of which nothing is known yet.
    await ledger.replace_code(GONE, STAYS)
    await keep(ledger, STAYS)
    for table in TABLES:
        assert size(ledger, table), table
    tables = {name for (name,) in rows(ledger, "SELECT name FROM sqlite_schema WHERE type = 'table'")}
    assert tables == {*TABLES, "accounts", "account_entries"}
    await ledger.delete_pile(STAYS, ())
    for table in TABLES:
        assert not size(ledger, table), table


def test_a_row_that_refers_to_nothing(tmp_path: Path) -> None:
    """It is found before the transaction is committed."""
    db = sqlite3.connect(tmp_path / "some.db")
    db.executescript("CREATE TABLE a (id INTEGER PRIMARY KEY); CREATE TABLE b (a INTEGER REFERENCES a)")
    check_foreign_keys(db)
    db.execute("INSERT INTO b VALUES (1)")
    with pytest.raises(sqlite3.IntegrityError, match="a row of b refers to one of a that is gone"):
        check_foreign_keys(db)
    db.close()


# People


_RECORDS: Final = """
SELECT id, pile, gun, transaction_number, frame_type, length(body), received, started, ended, energy, amount,
 stop_reason, started_by, origin, at, meter_start, meter_end, energy_with_loss, service, late, repeats, mismatches
FROM records
"""
_ORDERS: Final = """
SELECT id, pile, gun, transaction_number, opened, phase, outcome, energy, amount, is_session, closed, at, prepaid,
 reserved, cost_limit, limit_reached
FROM orders
"""
WHAT_COUNTS: Final = (
    _RECORDS,
    _ORDERS,
    "SELECT * FROM record_periods",
    "SELECT * FROM session_hours",
    "SELECT * FROM progress",
    "SELECT * FROM totals",
    "SELECT * FROM unexported",
    "SELECT * FROM accounts",
    "SELECT id, driver, at, kind, amount, balance, note FROM account_entries",
)
"""All that is in the ledger of sessions but whose they are."""


def counts(ledger: Ledger) -> list[Any]:
    """Return what counts."""
    return [rows(ledger, query) for query in WHAT_COUNTS]


async def test_people_are_gone(ledger: Ledger) -> None:
    """No column and no byte tells who charged; energy, money, times, totals, hours and balances are what they were."""
    await bill(ledger, record_of(STAYS, number(STAYS, 1)), Booking(driver=PAULA.driver, name=PAULA.name))
    await bill(ledger, record_of(STAYS, number(STAYS, 2), kind=TransactionRecordV12), QUIN)
    # More rows than a page has, of which SQLite moves some.
    for count in range(10, 60):
        order = await order_of(ledger, GONE, count, Booking(driver=PAULA.driver, name=PAULA.name * 3))
        if count % 3:
            await bill(ledger, record_of(GONE, order.transaction))
        else:
            await close(ledger, GONE, order, outcome=Outcome.START_REFUSED, is_session=False)
    before, history = counts(ledger), await ledger.load(GONE)
    assert PAULA.name.encode() in files(ledger)
    rehearsed = await ledger.forget_people(EVERYTHING, rehearse=True)
    assert PAULA.name in {session.driver for session in await sessions(ledger)}
    found = await ledger.forget_people(EVERYTHING)
    assert found == rehearsed
    assert (found.sessions, found.starts, found.unbilled) == (36, 16, 0)
    assert counts(ledger) == before
    after = await ledger.load(GONE)
    assert {gun: (known.counted, known.months) for gun, known in after.guns.items()} == {
        gun: (known.counted, known.months) for gun, known in history.guns.items()
    }
    for session in await sessions(ledger):
        assert (session.card, session.vin, session.driver, session.driver_id) == ("", "", "", "")
    for part in PRIVATE:
        assert part not in files(ledger)
    # Nothing is left to do.
    again = await ledger.forget_people(EVERYTHING)
    assert (again.sessions, again.starts) == (0, 0)


async def test_the_journal_tells_no_session(ledger: Ledger) -> None:
    """A balance and its journal stay to the last cent; which session was paid is not told any more."""
    await top_up(ledger)
    await bill(ledger, record_of(GONE, number(GONE, 1)), PAULA)
    unbilled = await order_of(ledger, GONE, 2, PAULA)
    await close(ledger, GONE, unbilled, outcome=Outcome.NO_RECORD)
    await ledger.settle_unpaid(PAULA, [], NOON)
    before = counts(ledger)
    found = await ledger.forget_people(EVERYTHING)
    assert (found.sessions, found.starts, found.unbilled) == (1, 0, 1)
    assert counts(ledger) == before
    entries = await ledger.account_entries(PAULA.driver, 10)
    assert [(entry.amount, entry.balance, entry.pile, entry.transaction) for entry in entries] == [
        (Decimal("-2.5"), Decimal("94.5"), GONE, unbilled.transaction),
        (-3, 97, None, ""),
        (100, 100, None, ""),
    ]
    # The bill of the one that was left alone comes at last, and the difference is taken.
    await bill(ledger, record_of(GONE, unbilled.transaction))
    assert (await ledger.account(PAULA.driver)).balance == 94


async def test_what_is_left_alone(ledger: Ledger) -> None:
    """Sessions that are open or unbilled, that ended later, or that are another's."""
    await furnish(ledger, STAYS)
    before = content(ledger)
    untouched = (
        SessionFilter(until=NOON - timedelta(days=30)),
        SessionFilter(until=EVERYTHING.until, card="00000000000c0ffe"),
        SessionFilter(until=EVERYTHING.until, driver="Zoe"),
    )
    for wanted in untouched:
        assert (await ledger.forget_people(wanted)).sessions == 0
        assert content(ledger) == before
    await bill(ledger, record_of(STAYS, number(STAYS, 8)), Booking(driver="rob", name="Rob"))
    found = await ledger.forget_people(SessionFilter(until=EVERYTHING.until, driver="?", driver_ids=frozenset({"rob"})))
    assert found.sessions == 1
    found = await ledger.forget_people(SessionFilter(until=EVERYTHING.until, card=CARD))
    # The open one and the unbilled one have the card, too.
    assert (found.sessions, found.starts, found.unbilled) == (2, 0, 2)
    known = {s.state: (s.card, s.driver) for s in await sessions(ledger)}
    assert known == {"settled": ("", ""), "open": (CARD, QUIN.name), "unbilled": (CARD, QUIN.name)}


@pytest.mark.parametrize("transaction", [number(STAYS, 1), NO_TRANSACTION])
async def test_a_record_that_comes_again(ledger: Ledger, transaction: str) -> None:
    """It is known, with a number or without, and counts once; that it says something else is seen, too."""
    await top_up(ledger)
    record = record_of(STAYS, transaction)
    assert (await bill(ledger, record, PAULA)).new
    assert (await ledger.forget_people(EVERYTHING)).sessions == 1
    assert not (await bill(ledger, record, PAULA)).new
    (session,) = await sessions(ledger)
    assert (session.repeats, session.mismatches, session.card) == (1, (), "")
    assert (await ledger.account(PAULA.driver)).balance == 97
    other = record_of(STAYS, transaction, stop_reason=0x41)
    is_new = (await bill(ledger, other)).new
    # Without a number it is another record.
    assert is_new is (transaction == NO_TRANSACTION)
    if not is_new:
        (session,) = await sessions(ledger)
        assert (session.repeats, session.mismatches) == (2, (Mismatch.REPEAT,))


async def test_a_pile_that_repeats_its_record(house: House) -> None:
    """Over the wire: it is acknowledged again, stored once, and nobody's."""
    _, peer = await house.online()
    record = peer.record(number(CODE, 1), "2", "3", card=CARD, vin=VIN)
    await peer.bill(record)
    await house.ledger.forget_people(SessionFilter(until=house.now + timedelta(days=1)))
    await peer.bill(record)
    assert house.rows("SELECT card, vin, repeats, mismatches, energy FROM records") == [("", "", 1, "", 20000)]
    assert bytes.fromhex(CARD)[4:] not in files(house.ledger)


async def test_a_body_that_cannot_be_read(ledger: Ledger) -> None:
    """Nothing of it is kept: nobody knows what is where."""
    await bill(ledger, record_of(STAYS, number(STAYS, 1)))
    short = b"short" + CARD.encode()
    await ledger._run(lambda: ledger._file._db.execute("UPDATE records SET body = ?", (short,)))
    assert (await ledger.forget_people(EVERYTHING)).sessions == 1
    assert rows(ledger, "SELECT body FROM records") == [(bytes(len(short)),)]


# A balance


async def test_a_balance_that_is_closed(ledger: Ledger) -> None:
    """What was left is told, account and journal are gone, and a bill that comes later is nobody's debt."""
    await top_up(ledger)
    await bill(ledger, record_of(GONE, number(GONE, 1)), PAULA)
    waiting = await order_of(ledger, GONE, 2, PAULA)
    with pytest.raises(BillAwaited):
        await ledger.close_account(PAULA, {GONE}, NOON)
    assert (await ledger.account(PAULA.driver)).balance == 97
    # The pile was removed: what was reported is taken.
    before = content(ledger)
    left = await ledger.close_account(PAULA, (), NOON, rehearse=True)
    assert content(ledger) == before
    assert await ledger.close_account(PAULA, (), NOON) == left
    assert left.balance == Decimal("94.5")
    assert await ledger.account_holders() == []
    assert rows(ledger, "SELECT * FROM account_entries") == []
    assert (await bill(ledger, record_of(GONE, waiting.transaction), PAULA)).new
    assert await ledger.account_holders() == []
    # The sessions are those of before.
    assert {session.driver for session in await sessions(ledger)} == {PAULA.name}
    with pytest.raises(BalanceTooLow):
        await order_of(ledger, GONE, 3, PAULA)


async def test_holders(ledger: Ledger) -> None:
    """Who ever had a balance is told, by the newest name."""
    await top_up(ledger)
    await top_up(ledger, Booking(driver=PAULA.driver, name="Ada", prepaid=True))
    await top_up(ledger, Booking(driver="quin-02", name="Quin", prepaid=True))
    assert [(holder.driver, holder.name) for holder in await ledger.account_holders()] == [
        (PAULA.driver, "Ada"),
        ("quin-02", "Quin"),
    ]


# The bytes


async def test_during_a_backup(ledger: Ledger) -> None:
    """The file stays as it is while it is copied, and is cleaned when that is over."""
    await furnish(ledger, GONE, Booking(driver=PAULA.driver, name=PAULA.name))
    await ledger.begin_backup()
    before = ledger.path.read_bytes()
    await ledger.delete_pile(GONE, ())
    assert ledger.path.read_bytes() == before
    assert rows(ledger, "SELECT * FROM piles") == []
    await ledger.end_backup()
    for part in PRIVATE:
        assert part not in files(ledger)


async def test_while_somebody_reads(ledger: Ledger) -> None:
    """A list that is being read goes on; that bytes are left is told, and they go with the next call."""
    await furnish(ledger, GONE, Booking(driver=PAULA.driver, name=PAULA.name))
    await ledger._run(lambda: ledger._file._db.execute("PRAGMA busy_timeout = 20"))
    with closing(sqlite3.connect(ledger.path)) as reader:
        reader.execute("BEGIN")
        assert reader.execute("SELECT count(*) FROM records").fetchone() == (2,)
        with pytest.raises(NotErased):
            await ledger.delete_pile(GONE, ())
        assert reader.execute("SELECT count(*) FROM records").fetchone() == (2,)
    assert rows(ledger, "SELECT * FROM records") == []
    assert PAULA.name.encode() in files(ledger)
    await ledger.forget_people(EVERYTHING)
    for part in PRIVATE:
        assert part not in files(ledger)


async def test_a_disk_that_takes_no_copy(house: House) -> None:
    """What is deleted stays deleted when the file cannot be written anew; the ledger goes on, as well as it was."""
    _, peer = await house.online()
    await peer.bill(peer.record(number(CODE, 1), card=CARD, vin=VIN))
    house.disk.fails.add("erase")
    with pytest.raises(NotErased):
        await house.ledger.forget_people(SessionFilter(until=house.now + timedelta(days=1)))
    assert house.rows("SELECT card FROM records") == [("",)]
    assert not house.ledger.failing
    await peer.bill(peer.record(number(CODE, 2)))


async def test_what_older_versions_left(ledger: Ledger) -> None:
    """They did not overwrite what they deleted; it goes with whatever is deleted next."""
    await furnish(ledger, GONE)

    def delete_as_before() -> None:
        db = ledger._file._db
        db.execute("PRAGMA secure_delete = OFF")
        db.execute("UPDATE offline_cards SET logical_card = 'somebodys'")
        db.execute("DELETE FROM offline_cards")
        db.execute("PRAGMA secure_delete = ON")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    await ledger._run(delete_as_before)
    assert b"somebodys" in files(ledger)
    await ledger.forget_people(SessionFilter(until=NOON - timedelta(days=30)))
    assert b"somebodys" not in files(ledger)
