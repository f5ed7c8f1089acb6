"""What a charge may come to, and when it will have: values and sums, without a clock of their own."""

from collections import deque
from collections.abc import Collection
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Self

from ..protocol import Realtime
from .limits import MIN_PREPAID

_WATT_SECONDS = 3_600_000
"""Of a kWh."""


class Limit(StrEnum):
    """What a charge is limited by."""

    ENERGY = "energy"
    AMOUNT = "amount"
    TIME = "time"
    SOC = "soc"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeLimits:
    """What a charge may come to; 0 is no limit, None says nothing, which comes to the same where nobody else does."""

    energy: Decimal | None = None
    """kWh."""
    amount: Decimal | None = None
    """CNY, service included."""
    minutes: int | None = None
    """Since energy began to flow."""
    soc: int | None = None
    """State of charge in percent; AC piles know none."""

    def without(self, other: Self) -> Self:
        """Return those that `other` says nothing of."""
        return replace(
            self,
            energy=self.energy if other.energy is None else None,
            amount=self.amount if other.amount is None else None,
            minutes=self.minutes if other.minutes is None else None,
            soc=self.soc if other.soc is None else None,
        )

    def over(self, other: Self) -> Self:
        """Return these, and those of `other` that these say nothing of."""
        return replace(
            self,
            energy=other.energy if self.energy is None else self.energy,
            amount=other.amount if self.amount is None else self.amount,
            minutes=other.minutes if self.minutes is None else self.minutes,
            soc=other.soc if self.soc is None else self.soc,
        )

    def cap(self, money: Decimal | None) -> Decimal | None:
        """Return what a pile may be told that a charge may cost, in CNY: no more than the limit.

        Less than `MIN_PREPAID` makes some piles refuse, so that much it always is.
        """
        if not self.amount:
            return money
        most = max(self.amount, Decimal(MIN_PREPAID))
        return most if money is None else min(money, most)


NO_LIMITS = ChargeLimits()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How far a charge has come, and how fast it goes on."""

    at: float
    """Monotonic time, as all times here."""
    began: float
    energy: float
    """kWh."""
    amount: float
    """CNY."""
    power: float = 0.0
    """kWh per second."""
    spending: float = 0.0
    """CNY per second."""
    soc: int = 0
    """Percent; 0 where it is not known."""

    def due(self, limits: ChargeLimits) -> tuple[float, Limit] | None:
        """Return when which limit is reached first, at the pace of now; None where none will be."""
        due = []
        if limits.energy:
            due.append((self._when(float(limits.energy) - self.energy, self.power), Limit.ENERGY))
        if limits.amount:
            due.append((self._when(float(limits.amount) - self.amount, self.spending), Limit.AMOUNT))
        if limits.minutes:
            due.append((self.began + limits.minutes * 60, Limit.TIME))
        if limits.soc and self.soc >= limits.soc:
            due.append((self.at, Limit.SOC))
        foreseen = [(when, limit) for when, limit in due if when is not None]
        return min(foreseen, key=lambda found: found[0], default=None)

    def _when(self, left: float, pace: float) -> float | None:
        if left <= 0:
            return self.at
        return self.at + left / pace if pace > 0 else None


def together(readings: Collection[Reading], now: float) -> Reading:
    """Return what several guns of one charge come to by `now`."""
    return Reading(
        at=now,
        began=min(reading.began for reading in readings),
        energy=sum(reading.energy + reading.power * (now - reading.at) for reading in readings),
        amount=sum(reading.amount + reading.spending * (now - reading.at) for reading in readings),
        power=sum(reading.power for reading in readings),
        spending=sum(reading.spending for reading in readings),
        soc=max(reading.soc for reading in readings),
    )


class Meter:
    """What the reports of one gun say of one charge."""

    def __init__(self, transaction: str, parallel: str | None, began: float, window: float) -> None:
        """Begin with nothing delivered; what was measured within the last `window` seconds tells the pace."""
        self.transaction = transaction
        self.parallel = parallel
        """Number of its parallel charge."""
        self.reading = Reading(at=began, began=began, energy=0.0, amount=0.0)
        self._window = window
        self._past: deque[Reading] = deque()

    def take(self, report: Realtime, now: float, *, price: float, soc: int) -> None:
        """Take a report of charging, at a price in CNY/kWh.

        The pace is the power that is reported, or what was measured where that is
        more: some piles report one phase of three. What came in one breath measures nothing.
        """
        power = report.voltage * report.current / _WATT_SECONDS
        spending = power * price
        energy, amount = float(report.energy), float(report.amount)
        while len(self._past) > 1 and now - self._past[1].at >= self._window:
            self._past.popleft()
        if self._past and (span := now - self._past[0].at) >= self._window / 5:
            first = self._past[0]
            power = max(power, (energy - first.energy) / span)
            spending = max(spending, (amount - first.amount) / span)
        self.reading = reading = Reading(
            at=now,
            # The pile's minutes are whole ones, so the charge is no younger.
            began=min(self.reading.began, now - report.charging_minutes * 60),
            energy=energy,
            amount=amount,
            power=power,
            spending=spending,
            soc=soc,
        )
        if not self._past or now - self._past[-1].at >= self._window / 12:
            self._past.append(reading)

    def rest(self) -> None:
        """Learn that nothing flows."""
        self.reading = replace(self.reading, power=0.0, spending=0.0)
