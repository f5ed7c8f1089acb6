"""Balances in the ledger: whatever happens in whatever order, the journal adds up, and each session is paid once."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
import sqlite3
from typing import Any, override

from hypothesis import settings, strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule
import pytest

from custom_components.ykc.protocol import TransactionRecord
from custom_components.ykc.server import ledger_accounts, ledger_schema
from custom_components.ykc.server.accounts import Account, ChangedAccount, EntryKind
from custom_components.ykc.server.bills import session_of
from custom_components.ykc.server.booking import Booking
from custom_components.ykc.server.errors import BalanceTooLow, SessionUnpaid
from custom_components.ykc.server.ledger import Ledger
from custom_components.ykc.server.ledger_file import LedgerFile
from custom_components.ykc.server.ledger_rows import order_row, whole
from custom_components.ykc.server.order import Order, Outcome, Phase
from custom_components.ykc.server.sessions import Bill

from .house import SHANGHAI
from .peer import CODE, Peer
from .test_ledger_versions import make_version_1

NOW = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)
ALL = -1
PAULA = Booking(driver="paula", name="Paula", prepaid=True)
QUIN = Booking(driver="quin", name="Quin", prepaid=True, limit=Decimal("12.5"))
UNPRICED = Decimal("0.0001")
"""What is reserved for energy whose price nobody knows."""
DRIVERS = {booking.driver: booking for booking in (PAULA, QUIN)}

money = st.integers(0, 400_000).map(lambda units: Decimal(units).scaleb(-4))
changes = st.integers(-2_000, 5_000).filter(bool).map(lambda cents: Decimal(cents).scaleb(-2))


def teller() -> Peer:
    """Return somebody who can make records."""
    peer = Peer.__new__(Peer)
    peer.code = CODE
    return peer


def bill(number: str, amount: Decimal) -> Bill:
    """Return the bill of a session."""
    record = teller().record(number, "1", str(amount))
    return Bill(record=record, session=session_of(record, SHANGHAI, NOW), received=NOW)


class Books:
    """A ledger's file with one pile."""

    def __init__(self, path: Path) -> None:
        """Open it."""
        self.file = LedgerFile(path)
        self.pile = self.file.load(CODE, datetime.now(UTC)).pile_id
        self._count = 0

    def open(self, booking: Booking) -> Order:
        """Write a new order; raises what the file raises."""
        self._count += 1
        order = Order(transaction=f"{self._count:032}", gun=1, opened=NOW, booking=booking)
        assert self.file.open_order(self.pile, order)
        return order

    def write(self, order: Order) -> None:
        """Write how far an order has come."""
        closed = NOW if order.phase is Phase.CLOSED else None
        self.file.update_order(self.pile, order.transaction, 1, order_row(order), closed, Decimal(0))

    def store(self, order: Order, amount: Decimal) -> bool:
        """Store an order's record."""
        return self.file.store_record(self.pile, bill(order.transaction, amount)).new

    def change(self, booking: Booking, amount: Decimal) -> ChangedAccount:
        """Add to a balance."""
        kind = EntryKind.TOP_UP if amount > 0 else EntryKind.CORRECTION
        return self.file.transact(lambda db: ledger_accounts.change(db, booking, kind, whole(amount), "", NOW))

    def settle(self, booking: Booking) -> None:
        """Settle what is unpaid."""
        self.file.transact(lambda db: ledger_accounts.settle_unpaid(db, booking, [self.pile], NOW))

    def account(self, booking: Booking) -> Account:
        """Return a balance, which its journal must add up to, entry by entry."""
        found = self.file.transact(lambda db: ledger_accounts.account(db, booking.driver))
        entries = self.file.transact(lambda db: ledger_accounts.entries(db, booking.driver, ALL))
        total = Decimal(0)
        for entry in reversed(entries):
            total += entry.amount
            assert entry.balance == total
            assert entry.amount
        assert found.balance == total
        return found


class Money(RuleBasedStateMachine):
    """Two drivers with charges that begin, go on, end, are billed or not, late or twice, and top-ups meanwhile."""

    running = Bundle("running")
    ended = Bundle("ended")

    def __init__(self) -> None:
        """Begin with empty books, and books of our own."""
        super().__init__()
        self.books = Books(Path(":memory:"))
        self.put_in = dict.fromkeys(DRIVERS, Decimal(0))
        self.billed: dict[str, tuple[Booking, Decimal]] = {}
        self.guessed: dict[str, tuple[Booking, Decimal]] = {}
        """What a person settled, as far as no bill came."""
        self.open: dict[str, Order] = {}
        self.unpaid: dict[str, Order] = {}

    @override
    def teardown(self) -> None:
        """Close the file."""
        self.books.file.close()

    def _spent(self, driver: str) -> Decimal:
        paid = self.guessed | self.billed
        return sum((amount for booking, amount in paid.values() if booking.driver == driver), Decimal(0))

    @initialize(cents=st.integers(100, 10_000))
    def begin(self, cents: int) -> None:
        """Give both something to charge with."""
        for booking in DRIVERS.values():
            self.change(booking, Decimal(cents).scaleb(-2))

    @rule(booking=st.sampled_from([PAULA, QUIN]), amount=changes)
    def change(self, booking: Booking, amount: Decimal) -> None:
        """Top up, or correct; what follows for open orders is told, in whole cents."""
        before = self.books.account(booking)
        changed = self.books.change(booking, amount)
        self.put_in[booking.driver] += amount
        for allowance in changed.allowances:
            order = self.open[allowance.transaction]
            assert allowance.reserved % Decimal("0.01") == 0
            assert booking.limit is None or allowance.reserved <= max(booking.limit, order.reserved, order.amount)
            order.reserved = allowance.reserved
        if amount > 0 <= before.available:
            assert changed.account.available >= 0

    @rule(target=running, booking=st.sampled_from([PAULA, QUIN]))
    def start(self, booking: Booking) -> Any:
        """Start, if the balance allows; the reservation never exceeds what was available."""
        before = self.books.account(booking)
        try:
            order = self.books.open(booking)
        except SessionUnpaid:
            mine = [o for o in (*self.open.values(), *self.unpaid.values()) if o.booking == booking]
            awaited = [o for o in mine if o.phase is Phase.ENDED or o.transaction in self.unpaid]
            assert before.balance < 0 or awaited
            return multiple()
        except BalanceTooLow:
            assert before.balance >= 0
            assert before.available < 1
            return multiple()
        assert before.balance >= 0
        assert 1 <= order.reserved <= before.available
        assert order.reserved % Decimal("0.01") == 0
        assert booking.limit is None or order.reserved <= booking.limit
        assert self.books.account(booking).available == before.available - order.reserved
        self.open[order.transaction] = order
        return order

    @rule(order=running, amount=money)
    def report(self, order: Order, amount: Decimal) -> None:
        """Report what an order has cost so far, more than was reserved too."""
        if order.transaction in self.open:
            order.report_charging(Decimal(1), amount, 0.0)
            self.books.write(order)

    @rule(order=running)
    def end(self, order: Order) -> None:
        """End a charge, with its bill to come."""
        if order.transaction in self.open:
            order.end(0.0)
            self.books.write(order)

    @rule(target=ended, order=consumes(running), outcome=st.sampled_from([Outcome.NO_RECORD, Outcome.NO_REPLY]))
    def close(self, order: Order, outcome: Outcome) -> Any:
        """Close an order without a bill, and write that more than once."""
        if order.transaction in self.open:
            del self.open[order.transaction]
            order.close(outcome)
            self.books.write(order)
            self.books.write(order)
            if order.energy:
                self.unpaid[order.transaction] = order
        return order

    @rule(booking=st.sampled_from([PAULA, QUIN]))
    def settle(self, booking: Booking) -> None:
        """Have a person settle what is unpaid."""
        self.books.settle(booking)
        for number, order in [*self.unpaid.items()]:
            if order.booking == booking:
                del self.unpaid[number]
                self.guessed[number] = booking, order.amount

    @rule(order=st.one_of(running, ended), amount=money)
    def record(self, order: Order, amount: Decimal) -> None:
        """Store a bill, be it late or the second one."""
        new = self.books.store(order, amount)
        assert new is (order.transaction not in self.billed)
        if new:
            assert order.booking is not None
            self.billed[order.transaction] = order.booking, amount
            self.open.pop(order.transaction, None)
            self.unpaid.pop(order.transaction, None)
            order.settle()
        self.books.write(order)

    @invariant()
    def adds_up(self) -> None:
        """Hold that a balance is what was put in less what was spent, and that what is reserved is somebody's."""
        for driver, booking in DRIVERS.items():
            account = self.books.account(booking)
            assert account.balance == self.put_in[driver] - self._spent(driver)
            held = [max(o.reserved, o.amount) for o in self.open.values() if o.booking == booking]
            held += [o.amount or UNPRICED for o in self.unpaid.values() if o.booking == booking]
            assert account.reserved == sum(held, Decimal(0))


TestMoney = Money.TestCase
TestMoney.settings = settings(max_examples=120, stateful_step_count=40, deadline=None)


def tables(file: LedgerFile) -> list[list[Any]]:
    """Return all that is about money."""
    return file.transact(_tables)


def _tables(db: sqlite3.Connection) -> list[list[Any]]:
    queries = (
        "SELECT driver, balance FROM accounts ORDER BY driver",
        "SELECT driver, kind, amount, balance, session FROM account_entries ORDER BY id",
        "SELECT transaction_number, phase, reserved FROM orders ORDER BY id",
        "SELECT key, amount FROM records ORDER BY id",
    )
    return [db.execute(query).fetchall() for query in queries]


def forbid(db: sqlite3.Connection, table: str) -> None:
    """Let every write to a table fail."""
    for write in ("INSERT", "UPDATE"):
        db.execute(
            f"CREATE TEMP TRIGGER no_{write} BEFORE {write} ON main.{table} BEGIN SELECT raise(ABORT, 'disk is full'); END"
        )


def allow(db: sqlite3.Connection) -> None:
    """Let writes succeed again."""
    for write in ("INSERT", "UPDATE"):
        db.execute(f"DROP TRIGGER no_{write}")


@pytest.mark.parametrize("table", ["account_entries", "accounts", "orders"])
@pytest.mark.parametrize("step", ["open", "store", "change", "settle"])
def test_all_or_nothing(tmp_path: Path, step: str, table: str) -> None:
    """Whichever of its writes fails, a step leaves everything as it was, and can be done again."""
    books = Books(tmp_path / "ledger.db")
    books.change(QUIN, Decimal(50))
    first, second = books.open(QUIN), books.open(QUIN)
    if step == "settle":
        second.report_charging(Decimal(1), Decimal(2), 0.0)
    second.close(Outcome.NO_RECORD)
    books.write(second)
    steps: dict[str, Callable[[], object]] = {
        "open": lambda: books.open(QUIN),
        "store": lambda: books.store(first, Decimal(3)),
        "change": lambda: books.change(QUIN, Decimal(-45)),
        "settle": lambda: books.settle(QUIN),
    }
    before = tables(books.file)
    if step != "open" or table == "orders":
        books.file.transact(lambda db: forbid(db, table))
        with pytest.raises(sqlite3.IntegrityError):
            steps[step]()
        assert tables(books.file) == before
        books.file.transact(allow)
    steps[step]()
    assert tables(books.file) != before
    books.account(QUIN)
    books.file.close()


@pytest.mark.parametrize("version", [1, 2])
async def test_older_files_have_no_balances(tmp_path: Path, version: int) -> None:
    """What was charged before there were drivers is booked on nobody; balances begin with the first top-up."""
    path = tmp_path / "ledger.db"
    number = CODE + "02" + "2603011000000001"
    make_version_1(path, (TransactionRecord.TYPE, number, teller().record(number, "4.8", "9.8").body()))
    if version == 2:
        db = sqlite3.connect(path, isolation_level=None)
        db.execute("BEGIN")
        ledger_schema._VERSIONS[1](db)
        db.execute("PRAGMA user_version = 2")
        db.execute("COMMIT")
        db.close()
    ledger = await Ledger.open(path)
    try:
        history = await ledger.load(CODE)
        assert [(order.booking, order.reserved) for order in history.orders] == [(None, Decimal(0))]
        changed = await ledger.change_balance(PAULA, EntryKind.TOP_UP, Decimal(5), "", NOW)
        assert changed.account == Account(driver="paula", balance=Decimal(5))
        order = Order(transaction="7" * 32, gun=1, opened=NOW, booking=PAULA)
        assert await ledger.open_order(history.pile_id, order)
        assert order.reserved == 5
        (again,) = [o for o in (await ledger.load(CODE)).orders if o.booking is not None]
        assert (again.booking, again.reserved) == (PAULA, Decimal(5))
    finally:
        await ledger.close()
