"""What a ledger of many sessions costs to read: `scripts/bench sessions [SESSIONS]`.

A year of a busy site: 20,000 sessions of 20 piles with two guns each, as records
with four tariff periods.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
import sys
from tempfile import TemporaryDirectory
from time import monotonic
from zoneinfo import ZoneInfo

from custom_components.ykc.protocol import PeriodEnergy, TransactionRecord
from custom_components.ykc.server.bills import session_of
from custom_components.ykc.server.ledger_file import LedgerFile
from custom_components.ykc.server.ledger_hours import ALL
from custom_components.ykc.server.ledger_reader import LedgerReader
from custom_components.ykc.server.sessions import Bill, SessionFilter
from custom_components.ykc.session_export import COLUMNS, write_sessions

SESSIONS = 20_000
PILES = 20
GUNS = 2
ZONE = ZoneInfo("Asia/Shanghai")
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
YEAR = timedelta(days=365)


def bill(code: str, number: int, end: datetime) -> Bill:
    """Make a bill of 12 kWh in three periods."""
    period = PeriodEnergy(price=Decimal("1.2"), energy=Decimal(4), energy_with_loss=Decimal(0), amount=Decimal("4.8"))
    nothing = period.replace(energy=Decimal(0), amount=Decimal(0))
    local = end.astimezone(ZONE).replace(tzinfo=None)
    record = TransactionRecord(
        transaction=f"{number:032}",
        pile=code,
        gun=number % GUNS + 1,
        start=local - timedelta(minutes=100),
        end=local,
        periods=(period, period, period, nothing),
        meter_start=Decimal(number),
        meter_end=Decimal(number + 12),
        energy=Decimal(12),
        energy_with_loss=Decimal(0),
        amount=Decimal("14.4"),
        vin="LSVAA4182E2123456",
        started_by=1,
        time=local,
        stop_reason=0x40,
        card=f"{number % 500:016}",
    )
    return Bill(record=record, session=session_of(record, ZONE, end), received=end)


def fill(path: Path, count: int) -> None:
    """Store so many sessions, as they come over a year."""
    file = LedgerFile(path)
    codes = [f"320109{number:08}" for number in range(PILES)]
    piles = {code: file.load(code, FIRST).pile_id for code in codes}
    for number in range(count):
        code = codes[number % PILES]
        file.store_record(piles[code], bill(code, number, FIRST + YEAR * number / count))
    file.close()


def measure(what: str, work: Callable[[LedgerReader], int], path: Path) -> None:
    """Do something with a reader, and say how long it took."""
    began = monotonic()
    with LedgerReader.open(path) as reader:
        result = work(reader)
    print(f"{what:34} {monotonic() - began:7.3f} s   {result:,}")


def main() -> None:
    """Fill a ledger, and read it in all ways."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else SESSIONS
    month = SessionFilter(since=FIRST + YEAR / 2, until=FIRST + YEAR / 2 + timedelta(days=31))
    with TemporaryDirectory() as folder:
        path, table = Path(folder) / "ledger.db", Path(folder) / "year.csv"
        began = monotonic()
        fill(path, count)
        took = monotonic() - began
        print(f"store {count:,}: {took:.1f} s, {took / count * 1e3:.2f} ms each, {path.stat().st_size / 1e6:.1f} MB")
        headings = dict.fromkeys(COLUMNS, "")
        for what, work in (
            ("table of all (rows)", lambda r: write_sessions(table, r.sessions(SessionFilter()), headings, {})),
            ("newest 100", lambda r: len([*r.sessions(SessionFilter(), 100)])),
            ("a month (rows)", lambda r: len([*r.sessions(month)])),
            ("sums by card and month (rows)", lambda r: len(r.totals(SessionFilter()))),
            ("hours of all guns, for statistics", lambda r: sum(len(r.hours(gun, ALL)) for gun in r.guns())),
        ):
            measure(what, work, path)
        print(f"the table has {table.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
