"""What a gun's sessions came to in a month of the piles' local time.

A session belongs to the month in which it ended, as in the ledger's totals; one
that is not billed yet, to the month that it is now.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal
from functools import lru_cache
import sqlite3
from types import MappingProxyType
from typing import Final

from .ledger_rows import decimal, milliseconds
from .order import Order
from .state import LastSession, MonthToDate

_RECENT_MS = 32 * 24 * 3600 * 1000
"""No record of the newest one's month is older than it by more."""


@dataclass(frozen=True, slots=True)
class Sum:
    """KWh and CNY of the records of a month."""

    energy: Decimal = Decimal(0)
    cost: Decimal = Decimal(0)


_NOTHING: Final = Sum()

type Months = Mapping[str, Sum]
"""By month, as YYYY-MM."""

NO_MONTHS: Final[Months] = MappingProxyType({})


def month_began(now: datetime, zone: tzinfo) -> datetime:
    """Return the first moment of the month that it is in `zone`."""
    local = now.astimezone(zone)
    return _first(local.year, local.month, zone)


@lru_cache(maxsize=16)
def _first(year: int, month: int, zone: tzinfo) -> datetime:
    """Return the first moment of a month: all guns show the same one."""
    return datetime(year, month, 1, tzinfo=zone)


@lru_cache(maxsize=16)
def _nothing(began: datetime) -> MonthToDate:
    """Return what all guns show that did not charge in a month."""
    return MonthToDate(began, _NOTHING.energy, _NOTHING.cost)


def _name(moment: datetime) -> str:
    return f"{moment.year:04}-{moment.month:02}"


def add_session(months: Months, session: LastSession) -> Months:
    """Return the sums with a new record."""
    if session.ended is None:
        return months
    name = _name(session.ended)
    known = months.get(name, _NOTHING)
    return {**months, name: Sum(known.energy + session.energy, known.cost + session.cost)}


def month_to_date(months: Months, now: datetime, zone: tzinfo, running: Iterable[Order]) -> MonthToDate:
    """Return what the records of the month that it is and the open orders come to."""
    began = month_began(now, zone)
    known = months.get(_name(began), _NOTHING)
    orders = [*running]
    if not orders:
        return _nothing(began) if known is _NOTHING else MonthToDate(began, known.energy, known.cost)
    energy = sum((order.counted for order in orders), _NOTHING.energy)
    cost = sum((order.counted_amount for order in orders), _NOTHING.cost)
    return MonthToDate(began, known.energy + energy, known.cost + cost, energy, cost)


def recent_months(db: sqlite3.Connection, pile_id: int, now: datetime) -> Iterator[tuple[int, Months]]:
    """Yield the guns of a pile with what they came to in the month that it is, and in that of its newest record."""
    found: dict[int, dict[str, Sum]] = {}
    for gun, month, energy, amount in db.execute(
        "SELECT gun, substr(coalesce(ended, received), 1, 7) AS month, sum(energy), sum(amount) FROM records"
        " WHERE pile = :pile AND at >= (SELECT min(max(at), :now) FROM records WHERE pile = :pile) - :recent GROUP BY gun, month",
        {"pile": pile_id, "recent": _RECENT_MS, "now": milliseconds(now)},
    ):
        found.setdefault(gun, {})[month] = Sum(decimal(energy), decimal(amount))
    yield from found.items()
