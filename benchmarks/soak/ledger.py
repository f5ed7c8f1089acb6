"""The ledger's file against the bills, to the last 1/10000; Home Assistant does not run meanwhile."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from contextlib import closing
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
import sqlite3
from typing import Any, Final

from simulator.records import Record

from .books import Books, units
from .drivers import whose
from .office import TopUp

_PRICE_UNITS: Final = 100_000

_RECORDS: Final = """
SELECT transaction_number AS number, code, gun, energy, energy_with_loss, amount, service, driver_name, mismatches, received,
 (SELECT coalesce(sum(energy), 0) FROM session_hours WHERE record = records.id) AS hours_energy,
 (SELECT coalesce(sum(amount), 0) FROM session_hours WHERE record = records.id) AS hours_amount,
 (SELECT outcome FROM orders AS o WHERE o.pile = records.pile AND o.transaction_number = records.transaction_number)
  AS outcome
FROM records JOIN piles ON piles.id = pile ORDER BY records.id
"""
_PERIODS: Final = """
SELECT transaction_number AS number, period, price, service_price, p.energy, p.energy_with_loss, p.amount
FROM record_periods AS p JOIN records ON records.id = record ORDER BY record, period
"""
_LEFT_OVER: Final = {
    "SELECT transaction_number || ' ' || phase FROM orders WHERE phase <> 'closed'": "an order is still open",
    "SELECT transaction_number || ' ' || reserved FROM orders WHERE reserved <> 0": "money is still reserved",
    "SELECT transaction_number || ' ' || outcome || ' ' || energy FROM orders"
    " WHERE energy > 0 AND outcome IS NOT 'settled'": "energy was reported of an order that is not settled",
    "SELECT transaction_number FROM orders WHERE outcome = 'settled' AND NOT EXISTS"
    " (SELECT 1 FROM records AS r WHERE r.pile = orders.pile AND r.transaction_number = orders.transaction_number)": (
        "an order is settled without a record"
    ),
    "SELECT pile || ' ' || gun FROM unexported": "statistics lack a gun's hours",
}
_JOURNAL: Final = """
SELECT name, kind, amount, e.balance, session, note FROM account_entries AS e JOIN accounts USING (driver) ORDER BY e.id
"""


def compare(folder: Path, books: Books, top_ups: list[TopUp]) -> Iterator[str]:
    """Yield what differs, in plain words."""
    with closing(sqlite3.connect(f"file:{folder / '.storage' / 'ykc.ledger.db'}?mode=ro", uri=True)) as db:
        db.row_factory = sqlite3.Row
        (sound,) = db.execute("PRAGMA integrity_check").fetchone()
        if sound != "ok":
            yield f"the ledger's file is damaged: {sound}"
        yield from _records(db, books)
        yield from _periods(db, books)
        for query, what in _LEFT_OVER.items():
            for row in db.execute(query):
                yield f"{what}: {row[0]}"
        yield from _journal(db, books, top_ups)


def _records(db: sqlite3.Connection, books: Books) -> Iterator[str]:
    bills = books.by_number()
    rows = db.execute(_RECORDS).fetchall()
    for number, count in Counter(row["number"] for row in rows).items():
        if count > 1:
            yield f"{number} is in the ledger {count} times"
        if number not in bills:
            yield f"{number} is in the ledger, and no pile billed it"
    for number in bills.keys() - {row["number"] for row in rows}:
        yield f"{number} was billed, and is not in the ledger"
    for row in rows:
        if (bill := bills.get(row["number"])) is not None:
            yield from _differences(f"{row['number']} in the ledger", _of_row(row), _of_bill(bill, books, row))
            if row["outcome"] not in (None, "settled"):
                yield f"{row['number']} has a record, and its order is {row['outcome']}"


def _of_row(row: sqlite3.Row) -> dict[str, Any]:
    names = (
        "code",
        "gun",
        "energy",
        "energy_with_loss",
        "amount",
        "service",
        "mismatches",
        "hours_energy",
        "hours_amount",
    )
    return {name: row[name] for name in names} | ({"driver_name": row["driver_name"]} if row["driver_name"] else {})


def _of_bill(bill: Record, books: Books, row: sqlite3.Row) -> dict[str, Any]:
    """Return what the ledger should have of a bill."""
    service = service_amount(bill, books.service)
    driver = whose(bill.card)
    expected = {
        "code": bill.pile,
        "gun": int(bill.gun),
        "energy": units(bill.energy),
        "energy_with_loss": units(bill.energy_with_loss),
        "amount": units(bill.amount),
        # A bill of prices that were replaced may be of unknown parts.
        "service": None if row["service"] is None else service,
        "mismatches": "",
        "hours_energy": units(bill.energy),
        "hours_amount": units(bill.amount),
    }
    if driver is not None:
        expected["driver_name"] = driver.name
    elif row["driver_name"]:
        # Accounts and vehicles leave no card.
        expected["driver_name"] = row["driver_name"]
    return expected


def service_amount(bill: Record, service: Mapping[Decimal, Decimal]) -> int:
    """Return how much of a bill is service, in 1/10000 CNY."""
    parts = (p.amount * service[p.price] / p.price for p in bill.periods if p.amount)
    return int((sum(parts, Decimal(0)) * 10_000).to_integral_value(ROUND_HALF_UP))


def _periods(db: sqlite3.Connection, books: Books) -> Iterator[str]:
    stored: defaultdict[str, list[sqlite3.Row]] = defaultdict(list)
    for row in db.execute(_PERIODS):
        stored[row["number"]].append(row)
    for bill in books.bills:
        rows = stored.get(bill.transaction, [])
        if len(rows) != len(bill.periods):
            yield f"{bill.transaction} has {len(rows)} periods in the ledger, {len(bill.periods)} in the bill"
        for row, period in zip(rows, bill.periods, strict=False):
            service = books.service.get(period.price)
            expected = {
                "price": int(period.price * _PRICE_UNITS),
                "energy": units(period.energy),
                "energy_with_loss": units(period.energy_with_loss),
                "amount": units(period.amount),
            }
            if row["service_price"] is not None:
                expected["service_price"] = -1 if service is None else int(service * _PRICE_UNITS)
            found = {name: row[name] for name in expected}
            yield from _differences(f"period {row['period']} of {bill.transaction}", found, expected)


def _journal(db: sqlite3.Connection, books: Books, top_ups: list[TopUp]) -> Iterator[str]:
    bills = books.by_number()
    balances: defaultdict[str, int] = defaultdict(int)
    paid: defaultdict[str, int] = defaultdict(int)
    notes: Counter[tuple[str, str, int]] = Counter()
    payer: dict[str, str] = {}
    for row in db.execute(_JOURNAL):
        name = row["name"]
        balances[name] += row["amount"]
        if balances[name] != row["balance"]:
            yield f"the journal of {name} does not add up: {balances[name]} is {row['balance']}"
        if row["kind"] == "charge":
            paid[row["session"]] -= row["amount"]
            payer[row["session"]] = name
        else:
            notes[row["note"], name, row["amount"]] += 1
    for driver, records in books.by_driver().items():
        for record in records:
            wanted = units(record.amount) if driver in balances else 0
            if paid.pop(record.transaction, 0) != wanted:
                yield f"{driver} was charged something else for {record.transaction} than {wanted}"
    for number, amount in paid.items():
        yield (
            f"{payer[number]} was charged {amount} for {number}, whose card is {bills[number].card}"
            if number in bills
            else (f"{payer[number]} was charged {amount} for {number}, which no pile billed")
        )
    for top_up in top_ups:
        count = notes.pop((top_up.note, top_up.driver, units(top_up.amount)), 0)
        if count > 1 or (top_up.answered and not count):
            yield f"{top_up.note}: {top_up.amount} CNY of {top_up.driver} are in the journal {count} times"
    for note, name, amount in notes:
        yield f"the journal of {name} has {amount} that nobody brought: {note!r}"


def _differences(what: str, found: Mapping[str, Any], expected: Mapping[str, Any]) -> Iterator[str]:
    for name in found.keys() | expected.keys():
        if found.get(name) != expected.get(name):
            yield f"{what}: {name} is {found.get(name)}, billed was {expected.get(name)}"


def counts(folder: Path) -> dict[str, int]:
    """Return what a report tells of the ledger."""
    queries = {
        "records": "SELECT count(*) FROM records",
        "repeats": "SELECT coalesce(sum(repeats), 0) FROM records",
        "late": "SELECT count(*) FROM records WHERE late",
        "offline": "SELECT count(*) FROM records WHERE origin = 'offline'",
        "parallel": "SELECT count(*) FROM orders WHERE parallel <> '' AND outcome = 'settled'",
        "limited": "SELECT count(*) FROM orders WHERE limit_reached <> ''",
        "unsplit": "SELECT count(*) FROM records WHERE service IS NULL AND amount > 0",
        "orders": "SELECT count(*) FROM orders",
    }
    with closing(sqlite3.connect(f"file:{folder / '.storage' / 'ykc.ledger.db'}?mode=ro", uri=True)) as db:
        return {name: db.execute(query).fetchone()[0] for name, query in queries.items()}
