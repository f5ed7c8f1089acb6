"""The billing model (计费模型): four prices, 48 half hours of the day (6.8)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
import re
from typing import Any, Final, Self
import unicodedata

from ..protocol import BillingModelReply, BillingModelSet, PeriodEnergy

PERIODS: Final = ("sharp", "peak", "flat", "valley")
"""尖峰平谷, in the order of their numbers on the wire."""
HALF_HOURS: Final = 48
_QUARTERS: Final = 2 * 96
"""Quarters of an hour in which a period begins, if it ever does: a day, and another for a jump of local time."""
FIRST_NUMBER: Final = "0100"
"""The model number that the specification prints as the fixed one."""
UNSET_NUMBER: Final = "0000"
"""What a pile without a model asks with (6.5)."""

MONEY: Final = Decimal("0.0001")
"""CNY; the unit of a bill on the wire."""

_SPAN = re.compile(r"(\d{1,2})\s*:\s*(\d{2})\s*(?:-+|~+|[至到])\s*(\d{1,2})\s*:\s*(\d{2})", re.ASCII)
_SEPARATORS = re.compile(r"[,;、。\n]")
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−─ー", "-") | dict.fromkeys("〜∼", "~") | {"∶": ":"})
"""What people type for a dash, a tilde and a colon, where NFKC leaves it as it is."""


class TariffError(ValueError):
    """A plan that is no whole day.

    `missing` and `double` list spans of half hours as "10:30-12:00"; `text` is
    a span that could not be read, of `period`.
    """

    period: str | None = None

    def __init__(
        self,
        *,
        missing: tuple[str, ...] = (),
        double: tuple[str, ...] = (),
        text: str | None = None,
    ) -> None:
        """Say what is wrong with the plan."""
        super().__init__(f"missing {missing}, double {double}, unreadable {text!r}")
        self.missing = missing
        self.double = double
        self.text = text


@dataclass(frozen=True, slots=True)
class Price:
    """CNY per kWh, to five places."""

    energy: Decimal
    service: Decimal = Decimal(0)

    @property
    def total(self) -> Decimal:
        """What a kWh costs, service price included."""
        return self.energy + self.service


def half_hour(index: int) -> str:
    """Return half hour `index` (0..47) as people write it."""
    return f"{_time(index)}-{_time(index + 1)}"


def _time(index: int) -> str:
    return f"{index // 2:02}:{index % 2 * 30:02}"


def spans(indices: Iterable[int]) -> tuple[str, ...]:
    """Return half hours as people write them, those that follow one another as one span."""
    found: list[list[int]] = []
    for index in sorted(indices):
        if found and found[-1][1] == index:
            found[-1][1] = index + 1
        else:
            found.append([index, index + 1])
    return tuple(f"{_time(first)}-{_time(end)}" for first, end in found)


def read_times(text: str) -> frozenset[int]:
    """Return the half hours that "08:00-10:00, 22:00-06:00" covers.

    A span that ends before it begins runs over midnight; 24:00 is the end of
    the day; "" is never. Full-width characters, and the dashes and separators
    of Chinese, mean what they look like. Raises `TariffError` with the span
    that can't be read.
    """
    covered: set[int] = set()
    plain = unicodedata.normalize("NFKC", text).translate(_DASHES)
    for span in filter(None, (part.strip() for part in _SEPARATORS.split(plain))):
        match = _SPAN.fullmatch(span)
        if match is None:
            raise TariffError(text=span)
        hour, minute, to_hour, to_minute = map(int, match.groups())
        if minute not in (0, 30) or to_minute not in (0, 30):
            raise TariffError(text=span)
        first, end = hour * 2 + minute // 30, to_hour * 2 + to_minute // 30
        if first >= HALF_HOURS or end > HALF_HOURS or first == end:
            raise TariffError(text=span)
        if first < end:
            covered.update(range(first, end))
        else:
            covered.update(range(first, HALF_HOURS), range(end))
    return frozenset(covered)


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingModel:
    """What energy costs at which time of the day."""

    number: str = FIRST_NUMBER
    """4 hex digits; a pile asks whether it has this one (6.5)."""
    prices: Mapping[str, Price]
    """By period slug, all four."""
    periods: tuple[str, ...]
    """The period slug of each half hour from 00:00."""

    @classmethod
    def from_plan(cls, *, number: str, prices: Mapping[str, Price], times: Mapping[str, str]) -> Self:
        """Make a model of the texts that say when each period is.

        Raises `TariffError` naming the half hours that no period or more than
        one period has, or the text that can't be read.
        """
        covers: dict[str, frozenset[int]] = {}
        for period in PERIODS:
            try:
                covers[period] = read_times(times.get(period, ""))
            except TariffError as error:
                error.period = period
                raise
        having = [[period for period in PERIODS if index in covers[period]] for index in range(HALF_HOURS)]
        missing = spans(i for i, slugs in enumerate(having) if not slugs)
        double = spans(i for i, slugs in enumerate(having) if len(slugs) > 1)
        if missing or double:
            raise TariffError(missing=missing, double=double)
        return cls(
            number=number,
            prices={period: prices[period] for period in PERIODS},
            periods=tuple(slugs[0] for slugs in having),
        )

    def period_at(self, local: datetime) -> str:
        """Return the slug of the period at a pile's local time."""
        return self.periods[local.hour * 2 + local.minute // 30]

    def next_start(self, period: str, now: datetime, zone: tzinfo) -> datetime | None:
        """Return when, in UTC, a period begins in `zone`: `now` while it lasts, None when it never does.

        Half hours of local time begin and end, and daylight saving time does,
        at quarters of an hour of UTC.
        """
        if self.period_at(now.astimezone(zone)) == period:
            return now
        utc = now.astimezone(UTC)
        quarter = utc.replace(minute=utc.minute // 15 * 15, second=0, microsecond=0)
        for _ in range(_QUARTERS):
            quarter += timedelta(minutes=15)
            if self.period_at(quarter.astimezone(zone)) == period:
                return quarter
        return None

    def reply(self, pile: str) -> BillingModelReply:
        """Return the 0x0A that gives this model to a pile that asked.

        Raises `FieldError` for a price over 42949.67295 CNY.
        """
        return BillingModelReply(pile=pile, **self._fields())

    def command(self, pile: str) -> BillingModelSet:
        """Return the 0x58 that gives this model to a pile unasked; raises as `reply` does."""
        return BillingModelSet(pile=pile, **self._fields())

    def _fields(self) -> dict[str, Any]:
        prices = {
            f"{period}_{part}_price": getattr(self.prices[period], part)
            for period in PERIODS
            for part in ("energy", "service")
        }
        periods = tuple(PERIODS.index(slug) for slug in self.periods)
        return prices | {"model": self.number, "loss_ratio": 0, "periods": periods}

    def differs(self, billed: Sequence[PeriodEnergy]) -> tuple[str, ...]:
        """Return the periods of a record whose amount is not what their energy costs.

        Piles round as they like: one unit of 1/10000 CNY more or less in each
        period is no difference. A fifth period has no price here, so what it
        costs is a difference.
        """
        found = []
        for index, period in enumerate(billed):
            slug = PERIODS[index] if index < len(PERIODS) else "deep_valley"
            price = self.prices[slug].total if slug in self.prices else Decimal(0)
            due = (period.energy * price).quantize(MONEY, ROUND_HALF_UP)
            if abs(period.amount - due) > MONEY:
                found.append(slug)
        return tuple(found)


class ModelState(StrEnum):
    """Whether a pile has the billing model that it is to have."""

    IN_FORCE = "in_force"
    PENDING = "pending"
    REFUSED = "refused"
    UNKNOWN = "unknown"
